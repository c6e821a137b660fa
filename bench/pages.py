"""Pages of the real server with one user and with many.

In one database 10,000 customers, a million records of attendance, as many events of mail, 100,000 tickets, and what
there is to do about them. In peace, and the leaderboard once more while somebody's half a million rows go in.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import campaign_pages, tickets
from bench.databases import Databases, SqliteFiles, postgres
from bench.load import Visit
from bench.processes import ask, start
from bench.product import SHOWN
from bench.served import Look, opened
from bench.upload import MASTER, data_of, prepare

USERS, RERUNS, THINK = 10, 10, 1.0
CROWDS = (1, USERS, 50)
"""Users at once, each crowd in turn."""
ROWS_PER_TICKET = 10
VISITS = (
    ("Leaderboard and distribution", "engagement", "", "Engagement"),
    ("Customers", "customers", "", "Customers"),
    ("Customer", "customer", f"id=cus_{SHOWN}", "{customer}"),
    ("Today", "", "", "Today"),
    ("Risk", "risk", "", "Risk"),
    ("Advocacy", "advocacy", "", "Advocacy"),
    ("Events", "events", "", "Events"),
    ("Event analysis", "event_analysis", "", "Event analysis"),
    ("Invitations", "invitations", "", "Invitations"),
    ("Ask", "ask", "", "Ask"),
    ("Impact", "impact", "", "Impact"),
    ("Match review", "match_review", "", "Match review"),
    ("Upload", "upload", "", "Upload"),
    ("Drafts", "drafts", "", "Drafts"),
    ("Draft", "draft", "id={draft}", "{subject}"),
    ("Send queue", "send_queue", "", "Send queue"),
    ("Event", "event", "id={event}", "{event_name}"),
    *campaign_pages.VISITS,
    *tickets.VISITS,
)
OTHERS = (
    ("Record attendance", "record_attendance", "", "Record attendance"),
    ("Plan event", "plan_event", "", "Plan event"),
    ("Backtest", "backtest", "", "Backtest"),
    ("Score weights", "scoring_settings", "", "Score weights"),
    ("Mail templates", "templates", "", "Mail templates"),
    ("Do not contact", "suppression", "", "Do not contact"),
    ("Mailboxes", "mailboxes", "", "Mailboxes"),
    ("Integrations", "integrations", "", "Integrations"),
    ("People", "people", "", "People"),
    ("Audit log", "audit_log", "", "Audit log"),
    ("Settings", "settings", "", "Settings"),
)
"""As VISITS: pages that few open at once, so that one crowd, USERS, does for them."""


def filled(rows: int) -> str:
    """What the database that `fill` makes is called."""
    return f"bench_work_{rows}"


def fill(folder: Path, databases: Databases, rows: int) -> str:
    """A database with `rows` records in, and mail and tickets to match; a SQLite file is made once per folder."""
    name = filled(rows)
    if isinstance(databases, SqliteFiles) and databases.path(name).exists():
        return f"sqlite:///{databases.path(name)}"
    prepare(folder, databases)
    url = databases.fresh(name, copy_of=MASTER)
    databases.drop(MASTER)
    settings = {"DATABASE_URL": url}
    ask("bench.product", "upload", data_of(folder, rows) / "attendance.csv", env=settings)
    for step in campaign_pages.STEPS:
        ask("bench.campaigns", step, "--rows", rows, env=settings)
    ask("bench.tickets", "file", "--rows", rows // ROWS_PER_TICKET, env=settings)
    print(json.dumps(ask("bench.product", "work", env=settings).told), flush=True)
    return url


def run(
    folder: Path,
    rows: int,
    kinds: Sequence[str],
    visit: Visit,
    *,
    only: Collection[str] = (),
) -> list[dict[str, Any]]:
    """One result of `load` per database, crowd, page and state of the server. `visit` has the pace. `only`
    these pages, and in peace."""
    results: list[dict[str, Any]] = []
    with ExitStack() as stack:
        for kind in kinds:
            files = SqliteFiles(folder)
            databases: Databases = files if kind == "sqlite" else stack.enter_context(postgres())
            for found in _looks(folder, rows, databases, visit, only):
                results.append({"database": databases.name, **found})
                print(json.dumps(results[-1]), flush=True)
    return results


def _looks(
    folder: Path,
    rows: int,
    databases: Databases,
    visit: Visit,
    only: Collection[str],
) -> Iterator[dict[str, Any]]:
    url = fill(folder, databases, rows)
    for users in CROWDS:
        with opened(folder, url, replace(visit, users=users)) as look:
            for one in (*VISITS, *(OTHERS if users == USERS else ())):
                if not only or one[0] in only:
                    yield look(one) | {"during": ""}
    if only:
        return
    with opened(folder, url, replace(visit, users=USERS)) as look:
        yield _while_uploading(folder, rows, url, look)


def _while_uploading(folder: Path, rows: int, url: str, look: Look) -> dict[str, Any]:
    """The leaderboard again, for as long as a process like the app's own takes other rows in."""
    other = data_of(folder, rows // 2) / "attendance.csv"
    results = []
    importer = start("bench.product", "upload", other, "--beside-pages", env={"DATABASE_URL": url})
    while importer.poll() is None:
        results.append(look(VISITS[0]))
    _, err = importer.communicate()
    if importer.returncode != 0:
        raise subprocess.CalledProcessError(importer.returncode, "bench.product upload", err)
    worst = max(results, key=lambda result: result["rerun_ms"].get("p95", 0))
    return worst | {"during": f"an upload of {rows // 2:,} rows"}
