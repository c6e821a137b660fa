"""docs/soak.md: what the last whole soak of each sender and database came to, one row each."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime

from tests.soak.judging import Verdict
from tests.support.server import ROOT

DOCUMENT = ROOT / "docs" / "soak.md"
_HEAD = """# Soak

Made by `make soak`, each row by its own run and replaced by the next one of its sender and database
(one alone: `python -m pytest -s -m soak --db sqlite -k smtp tests/soak`; 10,000 mails are queued, or as many
as `SOAK_MAILS` says). Workers are killed and put to
sleep past their leases while a tenth of the recipients unsubscribe and every tenth is due one mail more
than the cap allows. SMTP and Gmail are fakes with faults (cut connections, no answer, refusals); the
figures come from the provider's own ledger. "Lost" to "stuck" have to be zero. "After suppression" is
mail that passed the last gate after somebody's no, or that the provider took more than 5.5 s after it: a worker that
is put to sleep in the middle of a call wakes up in it. A mail is left to people where SMTP cannot tell whether it went out.

"""
_COLUMNS = (
    "sender",
    "database",
    "mails sent",
    "SIGKILL",
    "SIGSTOP",
    "lost",
    "doubled",
    "other text",
    "after suppression",
    "over cap",
    "stuck",
    "left to people",
    "seconds",
    "seed",
    "made",
)


def keep(kind: str, database: str, seed: int, verdict: Verdict) -> None:
    """Write the row of this cell; the others, and what people wrote below the table, stay as they are."""
    rows = {tuple(row[:2]): row for row in _rows()}
    rows[kind, database] = [
        kind,
        database,
        f"{verdict.sent:,}",
        *map(str, (verdict.kills, verdict.sleeps)),
        *(str(len(wrong)) for wrong in verdict.lists.values()),
        *map(str, (verdict.left_to_people, round(verdict.seconds), seed)),
        f"{datetime.now(UTC):%Y-%m-%d}, {_commit()}, {os.cpu_count()} cores",
    ]
    lines = [_COLUMNS, ["---"] * len(_COLUMNS), *(rows[key] for key in sorted(rows))]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    DOCUMENT.write_text(_HEAD + table + _notes())


def _rows() -> list[list[str]]:
    if not DOCUMENT.exists():
        return []
    table = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def _notes() -> str:
    lines = DOCUMENT.read_text().splitlines(keepends=True) if DOCUMENT.exists() else []
    below = max((n for n, line in enumerate(lines, start=1) if line.startswith("| ")), default=0)
    return "".join(lines[below:])


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "no commit"
