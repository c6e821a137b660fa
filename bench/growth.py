"""How the parts grow with what goes in, from a thousand to a million: `python -m bench --only growth`.

Uploads have a section of their own. Pages are looked at by ten at once. `python -m bench.growth` is the board and the ranking alone, on the database of
the settings, and prints one line of JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from bench import drafts, pages
from bench.databases import Databases, SqliteFiles, postgres
from bench.document import table
from bench.load import Visit
from bench.processes import ask
from bench.product import NOW
from bench.served import opened
from bench.upload import MASTER, data_of, prepare
from data.db import transaction
from services.access.viewer import SYSTEM
from services.invitations.catalogue.book import create
from services.invitations.catalogue.records import EventPlan
from services.invitations.ranking import rank
from services.scoring.board import recompute

FULL = "bench_growth"
MOST_TICKETS, MOST_DRAFTS = 100_000, drafts.COUNT
"""More than anybody has, and as many drafts of one CSM as are approved at once."""
Figures = dict[str, float]
"""Seconds by step."""
STEPS = {
    "board": "attendance: all customers scored anew, and written",
    "ranking": "attendance: all customers ranked for an event, nothing kept of before",
    "kept": "events of mail by webhook: signatures checked, deliveries kept",
    "taken": "events of mail by webhook: taken into the ledger, matched, judged, folded",
    "judged": "events of mail: all judged again",
    "previewed": "tickets by file: previewed",
    "imported": "tickets by file: imported",
    "make all": "drafts made",
    "approve all into the send queue": "drafts approved at once",
}


PAGES = (
    "Leaderboard and distribution",
    "Customer",
    "Today",
    "Risk",
    "Events",
    "Impact",
    "Campaigns",
    "Tickets",
)
SERVER = "the server's memory, MB"


def board_and_ranking() -> Figures:
    """Of a database with attendance in."""
    began = time.perf_counter()
    with transaction() as session:
        recompute(session, now=NOW)
    scored = time.perf_counter()
    with transaction() as session:
        plan = EventPlan(name="To come", starts_at=NOW + timedelta(days=30), topic="Security")
        event = create(session, plan, by=SYSTEM, now=NOW)
    planned = time.perf_counter()
    with transaction(read_only=True) as session:
        rank(session, SYSTEM, event, NOW)
    return {"board": scored - began, "ranking": time.perf_counter() - planned}


def measure(folder: Path, databases: Databases, rows: int) -> Figures:
    """Each part of so many rows, in fresh databases of 10,000 customers with 100,000 contacts."""
    attendance = data_of(folder, rows) / "attendance.csv"
    found: Figures = {}
    parts: list[tuple[tuple[object, ...], ...]] = [
        (("bench.product", "upload", attendance), ("bench.growth",)),
        (("bench.campaigns", "webhook", "--rows", rows), ("bench.campaigns", "judge")),
    ]
    if rows <= MOST_TICKETS:
        parts.append((("bench.tickets", "file", "--rows", rows),))
    for steps in parts:
        url = databases.fresh(FULL, copy_of=MASTER)
        for module, *words in steps:
            told = ask(str(module), *words, env={"DATABASE_URL": url}).told
            found |= {name: told[name] for name in STEPS if name in told}
        databases.drop(FULL)
    return found


def looked_at(folder: Path, databases: Databases, rows: int) -> Figures:
    """p95 in ms of each of PAGES run again, and SERVER after the last of them."""
    url = pages.fill(folder, databases, rows)
    visit = Visit("", users=pages.USERS, reruns=pages.RERUNS, think=pages.THINK)
    with opened(folder, url, visit) as look:
        found = {one[0]: look(one) for one in pages.VISITS if one[0] in PAGES}
    if databases.name != SqliteFiles.name:  # files are kept for the next time
        databases.drop(pages.filled(rows))
    held = max(one["server_mb"] for one in found.values())
    return {name: one["rerun_ms"]["p95"] for name, one in found.items()} | {SERVER: held}


def section(folder: Path, kinds: Sequence[str], sizes: Sequence[int]) -> str:
    into: dict[tuple[str, str], Figures] = {}
    looks: dict[tuple[str, str], Figures] = {}
    with ExitStack() as stack:
        for kind in kinds:
            files = SqliteFiles(folder)
            databases: Databases = files if kind == "sqlite" else stack.enter_context(postgres())
            prepare(folder, databases)
            for rows in sizes:
                found = measure(folder, databases, rows)
                if rows <= MOST_DRAFTS:
                    found |= {line.step: line.seconds for line in drafts.run(folder, [kind], rows)}
                into[databases.name, f"{rows:,}"] = found
                print(json.dumps({"database": databases.name, "rows": rows, **found}), flush=True)
            databases.drop(MASTER)
            for rows in sizes:
                looks[databases.name, f"{rows:,}"] = looked_at(folder, databases, rows)
    return written(into, looks)


def written(into: dict[tuple[str, str], Figures], looks: dict[tuple[str, str], Figures]) -> str:
    """Both by database and number of rows."""
    return f"""Seconds for so many rows of attendance, events of mail, tickets and drafts, each in a database of 10,000 customers
with 100,000 contacts and nothing else in it; tickets up to {MOST_TICKETS:,}, drafts up to {MOST_DRAFTS:,}. One run each.

{_curves(into, STEPS, _seconds)}

Pages run again by ten at once, p95 in ms, in one database with so many rows of attendance, as many events of mail, a tenth as many tickets, and what
there is to do about them; and the memory of the server that draws them.

{_curves(looks, {**dict(zip(PAGES, PAGES, strict=True)), SERVER: SERVER}, _whole)}"""


def _curves(
    into: dict[tuple[str, str], Figures],
    steps: Mapping[str, str],
    told: Callable[[float | None], str],
) -> str:
    sizes = list(dict.fromkeys(size for _, size in into))
    rows = [
        [database, words, *(told(into[database, size].get(step)) for size in sizes)]
        for database in dict.fromkeys(database for database, _ in into)
        for step, words in steps.items()
    ]
    return table(["database", "what", *sizes], rows)


def _whole(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:,.0f}"


def _seconds(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.2f} s"


if __name__ == "__main__":
    print(json.dumps(board_and_ranking()))
