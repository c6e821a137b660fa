"""docs/benchmarks.md, kept section by section: measuring one again leaves the others as they are."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.processes import ROOT

LIBRARIES = ("streamlit", "polars", "pandas", "sqlalchemy", "psycopg", "adbc-driver-sqlite")
_SECTION, _ROW = "## ", "| "


def put(document: str, title: str, body: str, order: Sequence[str] = ()) -> str:
    """The document with this section in the place of the one of that title.

    A new one goes before the first that comes later in `order`, else to the end.
    """
    head, sections = _parted(document)
    sections = {**sections, title: body.strip()}
    if title in order and title not in _parted(document)[1]:
        sections = _moved(sections, title, order)
    return "\n\n".join([head, *(f"{_SECTION}{name}\n\n{text}" for name, text in sections.items())])


def body_of(document: str, title: str) -> str:
    """What stands under this title; empty where there is no such section."""
    return _parted(document)[1].get(title, "")


def _parted(document: str) -> tuple[str, dict[str, str]]:
    head, *rest = f"\n{document}".split(f"\n{_SECTION}")
    named = (text.partition("\n") for text in rest)
    return head.strip(), {title.strip(): body.strip() for title, _, body in named}


def _moved(sections: dict[str, str], title: str, order: Sequence[str]) -> dict[str, str]:
    later = set(order[order.index(title) + 1 :])
    names = [name for name in sections if name != title]
    place = next((i for i, name in enumerate(names) if name in later), len(names))
    return {name: sections[name] for name in [*names[:place], title, *names[place:]]}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"{_ROW}{' | '.join(line)} |" for line in lines)


def with_rows(old: str, new: str, keys: int) -> str:
    """The table `new`, and of the one of the same heading in `old` the rows of which `new` has none.

    Rows are told apart by their first `keys` cells. Where `old` has no such table, `new` alone.
    """
    head, line, *fresh = new.splitlines()
    lines = old.splitlines()
    kept: list[str] = []
    if head in lines:
        after = lines[lines.index(head) + 2 :]
        end = next((i for i, row in enumerate(after) if not row.startswith(_ROW)), len(after))
        kept = after[:end]
    found = {_key(row, keys): row for row in [*kept, *fresh]}
    return "\n".join([head, line, *found.values()])


def _key(row: str, keys: int) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.split("|")[1 : keys + 1])


def stamp(command: str) -> str:
    """How, when, on what and of which state of the project the figures below were made."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"`{command}`, {when()}.\n"
        f"{os.cpu_count()} cores, {memory:.0f} GB, {_processor()}; load when finished "
        f"{os.getloadavg()[0]:.1f}.\n"
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {libraries}."
    )


def when() -> str:
    """The minute, and the commit; told where files of the project differ from it."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}"


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - whichever git the reader has
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "*.py")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" if changed else "")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()
