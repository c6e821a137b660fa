"""Pages of the real server with one user and with many, on 10,000 customers and a million records:
`python -m bench.pages`.

In peace, and the leaderboard once more while somebody's half a million rows go in.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from bench.databases import Databases, SqliteFiles, postgres
from bench.load import Visit, load
from bench.processes import ask, start
from bench.product import SHOWN
from bench.upload import MASTER, data_of, prepare
from tests.support.server import AppServer, running_app

USERS, RERUNS, THINK = 10, 10, 1.0
CROWDS = (1, USERS, 50)
"""Users at once, each crowd in turn."""
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
)
"""By page: its name here, its address, and what has to be on it."""
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
Look = Callable[[tuple[str, str, str, str]], dict[str, Any]]
"""What `load` tells of one page."""


def fill(folder: Path, databases: Databases, rows: int) -> str:
    """A database with `rows` records in; a SQLite file is made once per folder."""
    filled = f"bench_pages_{rows}"
    if isinstance(databases, SqliteFiles) and databases.path(filled).exists():
        return f"sqlite:///{databases.path(filled)}"
    prepare(folder, databases)
    url = databases.fresh(filled, copy_of=MASTER)
    databases.drop(MASTER)
    upload = data_of(folder, rows) / "attendance.csv"
    ask("bench.product", "upload", upload, env={"DATABASE_URL": url})
    return url


@contextmanager
def opened(folder: Path, url: str, visit: Visit) -> Generator[Look]:
    """The real server on this database, and what loads one of its pages for an admin, who sees all."""
    settings = {"DATABASE_URL": url}
    told = ask("bench.product", "sign-in", env=settings).told
    with running_app(folder / "app", settings) as app:
        visit = replace(visit, url=app.url, cookie=f"cscx_session={told['token']}")
        pid = listening(app)

        def look(one: tuple[str, str, str, str]) -> dict[str, Any]:
            name, page, query, expect = one
            seen = replace(visit, page=page, query=query, expect=expect.format(**told))
            return {"name": name, **asyncio.run(load(seen, pid))}

        yield look


def run(
    folder: Path,
    rows: int,
    kinds: Sequence[str],
    visit: Visit,
    *,
    crowds: Sequence[int] = CROWDS,
    only: Collection[str] = (),
) -> list[dict[str, Any]]:
    """One result of `load` per database, crowd, page and state of the server. `visit` has the pace. `only`
    these pages, and in peace."""
    results: list[dict[str, Any]] = []
    with ExitStack() as stack:
        for kind in kinds:
            files = SqliteFiles(folder)
            databases: Databases = files if kind == "sqlite" else stack.enter_context(postgres())
            for found in _looks(folder, rows, databases, visit, crowds, only):
                results.append({"database": databases.name, **found})
                print(json.dumps(results[-1]), flush=True)
    return results


def _looks(
    folder: Path,
    rows: int,
    databases: Databases,
    visit: Visit,
    crowds: Sequence[int],
    only: Collection[str],
) -> Iterator[dict[str, Any]]:
    url = fill(folder, databases, rows)
    for users in crowds:
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


def listening(app: AppServer) -> int:
    """The process that answers on the app's port."""
    wanted = f"{urlsplit(app.url).port}"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted.encode() in words and b"streamlit" in words and b"keeper" not in words:
            return int(folder.name)
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, nargs="+", default=list(CROWDS))
    parser.add_argument("--pages", nargs="+", choices=[one[0] for one in (*VISITS, *OTHERS)])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"])
    parser.add_argument("--reruns", type=int, default=RERUNS)
    parser.add_argument("--think", type=float, default=THINK, help="mean pause, seconds")
    parser.add_argument("--folder", type=Path, help="keep data here; a temporary one without it")
    given = parser.parse_args()
    visit = Visit("", reruns=given.reruns, think=given.think)
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        kinds = given.databases or ["sqlite", "postgres"]
        run(folder, given.rows, kinds, visit, crowds=given.users, only=given.pages or ())


if __name__ == "__main__":
    main()
