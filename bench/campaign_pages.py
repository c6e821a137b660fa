"""A million events of mail going in, and the pages that show them with ten users: part of `python -m bench`."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.campaigns import ROWS
from bench.databases import Databases, SqliteFiles, postgres
from bench.document import table
from bench.load import Visit
from bench.processes import ask, start
from bench.product import SHOWN
from bench.served import opened
from bench.upload import MASTER, prepare

FULL = "bench_campaigns"
STEPS = ("webhook", "judge", "insight")
"""Of bench.campaigns: a database has to go through them, in this order."""
VISITS = (
    ("Campaigns", "campaigns", "", "Campaigns"),
    ("Campaign", "one_campaign", "id=cmp_3", "Product update"),
    ("Campaign, people", "one_campaign", "id=cmp_3&campaign.view=People", "Product update"),
    ("What works", "campaigns", "campaigns.view=What works", "Segments"),
    ("Whom to contact", "campaigns", "campaigns.view=Whom to contact", "Campaigns"),
    ("Customer, campaigns", "customer", f"id=cus_{SHOWN}&customer.view=Campaigns", "People"),
)


def fill(databases: Databases, folder: Path, rows: int) -> tuple[str, dict[str, float]]:
    """A database of 10,000 customers with 100,000 contacts and these events; seconds of each step."""
    prepare(folder, databases)
    url = databases.fresh(FULL, copy_of=MASTER)
    databases.drop(MASTER)
    told: dict[str, float] = {}
    for step in STEPS:
        told |= _step(step, url, rows)
    return url, told


def _step(step: str, url: str, rows: int) -> dict[str, float]:
    answer = ask("bench.campaigns", step, "--rows", rows, env={"DATABASE_URL": url})
    return {f"{step}.{name}": float(value) for name, value in answer.told.items()} | {
        f"{step}.peak_mb": answer.peak_mb
    }


def pages(folder: Path, url: str, visit: Visit, rows: int) -> list[dict[str, Any]]:
    """One result of `load` per page in peace, and of the list and a campaign while as many events go in."""
    with opened(folder, url, visit) as look:
        found = [look(one) | {"during": ""} for one in VISITS]
        busy = start(
            "bench.campaigns", "webhook", "--again", "--beside-pages", "--rows", rows,
            env={"DATABASE_URL": url},
        )  # fmt: skip
        while busy.poll() is None:
            found.append(look(VISITS[len(found) % 2]) | {"during": f"{rows:,} events going in"})
        _, err = busy.communicate()
        if busy.returncode != 0:
            raise subprocess.CalledProcessError(busy.returncode, "bench.campaigns webhook", err)
    return _worst(found)


def _worst(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the visits to one page in one state, the slowest."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        key = (one["name"], one["during"])
        other = kept.get(key)
        slow = other is None or one["rerun_ms"].get("p95", 0) > other["rerun_ms"].get("p95", 0)
        if slow:
            kept[key] = one
    return list(kept.values())


def section(folder: Path, kinds: list[str], visit: Visit, rows: int = ROWS) -> str:
    into: dict[str, dict[str, float]] = {}
    shown: list[dict[str, Any]] = []
    with ExitStack() as stack:
        for kind in kinds:
            files = SqliteFiles(folder)
            databases: Databases = files if kind == "sqlite" else stack.enter_context(postgres())
            name = databases.name
            url, into[name] = fill(databases, folder, rows)
            shown += [{"database": name, **one} for one in pages(folder, url, visit, rows)]
            into[name] |= _step("file", url, rows)
            databases.drop(FULL)
    return written(into, shown, visit, rows)


def written(
    into: dict[str, dict[str, float]], shown: list[dict[str, Any]], visit: Visit, rows: int
) -> str:
    """`into`: the steps by database; `shown`: results of `pages`."""
    return f"""{rows:,} events of SendGrid in deliveries of 1,000 (sent, delivered, opens and clicks of 40,000 people at 10,000 customers),
checked and kept one by one as they are posted and then taken in by the worker; and a file of as many clicks.

{table(["step", *into], _steps(into))}

Pages of the real server with these events in, {visit.users} users, each running the whole page again about once a
second. Measured from asking to the end of the run, without drawing in the browser.

{table(["database", "page", "meanwhile", "first, p95", "again, p50", "again, p95", "errors"], [_line(one) for one in shown])}"""


_WORDS = (
    ("webhook.kept", "signatures checked, deliveries kept"),
    ("webhook.taken", "taken into the ledger, matched, judged, folded"),
    ("judge.judged", "all judged again, domains learned"),
    ("insight.kept", "patterns, likelihoods and best times of everybody"),
    ("file.previewed", "the file previewed"),
    ("file.imported", "the file imported"),
)


def _steps(into: dict[str, dict[str, float]]) -> list[list[str]]:
    rows = [[words, *(f"{told[name]:.1f} s" for told in into.values())] for name, words in _WORDS]
    peaks = (max(v for k, v in told.items() if k.endswith("peak_mb")) for told in into.values())
    return [*rows, ["peak memory", *(f"{peak:.0f} MB" for peak in peaks)]]


def _line(one: dict[str, Any]) -> list[str]:
    def ms(spread: dict[str, float], figure: str) -> str:
        return f"{spread[figure]:.0f} ms" if figure in spread else "–"

    return [
        one["database"], one["name"], one["during"] or "nothing else", ms(one["first_ms"], "p95"),
        ms(one["rerun_ms"], "p50"), f"**{ms(one['rerun_ms'], 'p95')}**", str(one["errors"]),
    ]  # fmt: skip
