"""100,000 tickets by file, and the pages that show them with ten users.

`python -m bench --only tickets`; `python -m bench.tickets file [--rows N]` is the import alone, on the database of
the settings, and prints one line of JSON.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.campaigns import addresses
from bench.databases import PostgresDatabases, SqliteFiles, postgres
from bench.document import table
from bench.load import Visit
from bench.processes import ask
from bench.product import SHOWN
from bench.served import opened
from bench.upload import MASTER, prepare
from data.db import migrate, transaction
from services.access import SYSTEM
from services.uploads import intake, tickets

ROWS = 100_000
FULL = "bench_tickets"
COLUMNS = (
    "Ticket number", "Subject", "Description", "Status", "Priority", "Requester email", "Created at",
    "Solved at", "Updated at", "Reopens", "Satisfaction", "Tags", "Group",
)  # fmt: skip
SUBJECTS = (
    "API rate limiting causing sync failures", "Cannot log in", "Export to Excel fails",
    "Dashboard shows last week's figures", "Seats counted twice", "Webhook retries stop",
)  # fmt: skip
WORDS = (
    "The sync stops every noon and we copy orders by hand.", "We cannot log in since this morning.",
    "This is the third time. It is unacceptable.", "How do we add a second region?",
    "kill -9 does not end the process, it returns fatal error 137.", "Im Export fehlen alle Umlaute.",
)  # fmt: skip
VISITS = (
    ("Tickets", "tickets", "", "Tickets"),
    ("Tickets, filtered", "tickets", "tickets.state=Solved or closed&tickets.severity=High", "Tickets"),
    ("Tickets, searched", "tickets", "tickets.search=rate limiting", "Tickets"),
    ("Tickets, by follow-up", "tickets", "tickets.follow_up=None", "Tickets"),
    ("Overrides", "tickets", "tickets.view=Overrides", "Tickets"),
    ("Ticket", "one_ticket", "id=tkt_500", "#"),
    ("Ticket, level", "one_ticket", "id=tkt_500&ticket.view=Level", "#"),
    ("Customer, tickets", "customer", f"id=cus_{SHOWN}&customer.view=Tickets", ""),
    ("Customer, timeline", "customer", f"id=cus_{SHOWN}", ""),
)  # fmt: skip


def lines(rows: int, people: Sequence[str], now: datetime) -> Iterator[tuple[Any, ...]]:
    """Tickets of two years; one in twenty is open, one in fifty was rated badly."""
    chance = np.random.default_rng(7)
    ago, took = chance.integers(1, 730 * 24, rows), chance.exponential(30, rows)
    whose, about = chance.integers(0, len(people), rows), chance.integers(0, len(SUBJECTS), rows)
    luck = chance.random((4, rows))
    for one in range(rows):
        opened = now - timedelta(hours=float(ago[one]))
        solved = min(opened + timedelta(hours=float(took[one])), now)
        is_open = luck[0, one] < 0.05
        yield (
            f"T-{one}", f"{SUBJECTS[about[one]]} ({one % 97})", WORDS[(one + about[one]) % len(WORDS)],
            "Open" if is_open else "Solved", ("Urgent", "High", "Normal", "Low")[int(luck[1, one] ** 0.5 * 4)],
            people[whose[one]], f"{opened:%Y-%m-%dT%H:%M:%SZ}",
            "" if is_open else f"{solved:%Y-%m-%dT%H:%M:%SZ}", f"{solved:%Y-%m-%dT%H:%M:%SZ}",
            int(luck[2, one] < 0.08), "Bad" if luck[3, one] < 0.02 else "Good" if luck[3, one] > 0.8 else "",
            "api escalated" if luck[3, one] < 0.05 else "api", "Support",
        )  # fmt: skip


def by_file(rows: int) -> dict[str, float]:
    """Seconds to preview and to import: read, matched, judged by their words, clustered, weighed."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tickets.csv"
        with path.open("w", newline="") as file:
            told = csv.writer(file)
            told.writerow(COLUMNS)
            told.writerows(lines(rows, addresses(), now))
        began = time.perf_counter()
        with transaction() as session:
            received = intake.receive(session, path, path.name, by=SYSTEM, now=now)
        tickets.preview(received.upload_id, now=now)
        seen = time.perf_counter()
        tickets.commit(received.upload_id, by=SYSTEM, now=now)
        return {"previewed": seen - began, "imported": time.perf_counter() - seen}


def fill(databases: SqliteFiles | PostgresDatabases, folder: Path, rows: int) -> dict[str, float]:
    """Seconds of each step, on a database of 10,000 customers with 100,000 contacts."""
    prepare(folder, databases)
    url = databases.fresh(FULL, copy_of=MASTER)
    databases.drop(MASTER)
    answer = ask("bench.tickets", "file", "--rows", rows, env={"DATABASE_URL": url})
    return {name: float(told) for name, told in answer.told.items()} | {"peak_mb": answer.peak_mb}


def section(folder: Path, kinds: list[str], visit: Visit, rows: int = ROWS) -> str:
    into: dict[str, dict[str, float]] = {}
    shown: dict[str, list[dict[str, Any]]] = {}
    if "sqlite" in kinds:
        databases = SqliteFiles(folder)
        into["SQLite"] = fill(databases, folder, rows)
        with opened(folder, f"sqlite:///{databases.path(FULL)}", visit) as look:
            shown["SQLite"] = [look(one) for one in VISITS]
        databases.drop(FULL)
    if "postgres" in kinds:
        with postgres() as server:
            into["Postgres"] = fill(server, folder, rows)
            with opened(folder, server.url_of(FULL), visit) as look:
                shown["Postgres"] = [look(one) for one in VISITS]
            server.drop(FULL)
    return written(into, shown, rows, visit.users)


def written(
    into: dict[str, dict[str, float]],
    shown: dict[str, list[dict[str, Any]]],
    rows: int,
    users: int,
) -> str:
    steps = [
        ["the file previewed", *(f"{told['previewed']:.1f} s" for told in into.values())],
        ["imported: matched, toned, clustered, weighed", *(f"{t['imported']:.1f} s" for t in into.values())],
        ["peak memory", *(f"{told['peak_mb']:.0f} MB" for told in into.values())],
    ]  # fmt: skip
    lines = [
        [f"{database}: {one['name']}", *_line(one)]
        for database, all_ in shown.items()
        for one in all_
    ]
    return f"""A file of {rows:,} tickets of two years, by people of 10,000 customers, through the Upload page's own steps.

{table(["step", *into], steps)}

Pages of the real server with these tickets in, {users} users, each running the whole page again about once
a second. Measured from asking to the end of the run, without drawing in the browser.

{table(["page", "first, p95", "again, p50", "again, p95", "errors"], lines)}"""


def _line(one: dict[str, Any]) -> list[str]:
    first, again = one["first_ms"], one["rerun_ms"]
    cells = [
        f"{spread.get(figure, 0):.0f} ms"
        for spread, figure in ((first, "p95"), (again, "p50"), (again, "p95"))
    ]
    return [*cells[:2], f"**{cells[2]}**", str(one["errors"])]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.tickets", description=__doc__)
    parser.add_argument("step", choices=["file"])
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    migrate()
    print(json.dumps(by_file(given.rows)))


if __name__ == "__main__":
    main()
