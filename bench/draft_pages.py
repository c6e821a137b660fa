"""Drafts, Send queue and Today with 10,000 drafts waiting, on the real server: part of `python -m bench`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import case, update

from bench.databases import PostgresDatabases, SqliteFiles, postgres
from bench.document import table, when, with_rows
from bench.drafts import COUNT, new_drafts, open_all, peopled
from bench.load import Visit, load
from bench.served import listening
from data.db import make_engine, transaction
from data.tables import Draft
from services import drafts
from services.access import Viewer
from services.access.signin import start_session
from services.clock import utc_now
from services.drafts import Filters
from services.ids import public_id
from tests.support.server import running_app

FULL = "bench_draft_pages"
RERUNS = 4
MANY = 1_000
"""Approved in one go, while the pages of the others are not looked at."""
HEADER = ("page", "first, p95", "again, p50", "again, p95", "processor", "errors", "measured")
NEXT = "Approve, next"


@dataclass(frozen=True)
class Look:
    """A page as `who` looks at it; `press` is a button, and `apart` has each user begin at another draft."""

    name: str
    page: str
    expect: str
    query: str = ""
    press: str = ""
    who: str = "csm"
    apart: bool = False


WAITING = (
    Look("Today", "", "Today"),
    Look("Today, of an admin", "", "Today", who="admin"),
    Look("Drafts", "drafts", "Drafts"),
    Look("Drafts, filtered", "drafts", "Drafts", "drafts.severity=High&drafts.kind=Personal"),
    Look("Drafts, searched", "drafts", "Drafts", "drafts.search=tuesday"),
    Look("Drafts, page on", "drafts", "Drafts", press="More"),
    Look("Drafts, everybody's", "drafts", "Drafts", who="admin"),
    Look("Draft", "draft", "Your questions", apart=True),
    Look("Draft, on to the next", "draft", "Your questions", press="Next", apart=True),
    Look("Draft, approve and next", "draft", "Your questions", press=NEXT, apart=True),
)
QUEUED = (
    Look("Send queue", "send_queue", "Send queue"),
    Look("Send queue, page 100", "send_queue", "Send queue", "send_queue.page=100"),
    Look("Send queue, searched", "send_queue", "Send queue", "send_queue.search=name77"),
)


class _World:
    def __init__(self, url: str, count: int) -> None:
        self._engine, self._count = make_engine(url), count
        self._dana, ada = peopled(self._engine, count)
        with transaction(self._engine) as session:
            drafts.create_many(session, new_drafts(count), now=utc_now())
            # One in four of each severity: an order to keep, and something to filter by.
            ranks = case({1: "high", 2: "low", 3: "critical"}, value=Draft.id % 4, else_="normal")
            session.execute(update(Draft).values(severity=ranks))
        self.cookies = {"csm": self._signed_in(self._dana), "admin": self._signed_in(ada)}

    def _signed_in(self, who: Viewer) -> str:
        assert who.person_id is not None
        with transaction(self._engine) as session:
            return f"cscx_session={start_session(session, who.person_id, utc_now())}"

    def apart(self, users: int) -> tuple[str, ...]:
        """Queries of the Draft page, so far apart that nobody comes to where another began."""
        step = self._count // users // 4 * 4
        return tuple(f"id={public_id('draft', 1 + n * step)}" for n in range(users))

    def approve_the_rest(self) -> None:
        with transaction(self._engine, read_only=True) as session:
            left = drafts.listing(session, self._dana, Filters(), limit=1).rows
        assert left, "nothing waits any more"
        numbers = range(1, self._count + 1)
        open_all(self._engine, self._dana, numbers)
        with transaction(self._engine, read_only=True) as session:
            seen = drafts.looked_at(session, self._dana, Filters())
        for start in range(0, len(seen), MANY):
            with transaction(self._engine) as session:
                some = seen[start : start + MANY]
                done = drafts.approve_many(session, some, by=self._dana, now=utc_now())
                assert not done.left, done.left[0]

    def close(self) -> None:
        self._engine.dispose()


def pages(folder: Path, url: str, visit: Visit, count: int) -> list[dict[str, Any]]:
    """One result of `load` per page, on an empty database."""
    with (
        closing(_World(url, count)) as world,
        running_app(folder / "app", {"DATABASE_URL": url}) as app,
    ):
        visit = replace(visit, url=app.url, reruns=min(visit.reruns, RERUNS))
        pid = listening(app)
        found = [_seen(look, visit, world, pid) for look in WAITING]
        world.approve_the_rest()
        return found + [_seen(look, visit, world, pid) for look in QUEUED]


def _seen(look: Look, visit: Visit, world: _World, pid: int) -> dict[str, Any]:
    visit = replace(
        visit, page=look.page, query=look.query, press=look.press, expect=look.expect,
        cookie=world.cookies[look.who], queries=world.apart(visit.users) if look.apart else (),
    )  # fmt: skip
    return {"name": look.name, **asyncio.run(load(visit, pid))}


def section(
    folder: Path, kinds: Sequence[str], visit: Visit, before: str, count: int = COUNT
) -> str:
    """`before`: the section as it was, whose rows of the other database stay."""
    shown: dict[str, list[dict[str, Any]]] = {}
    if "sqlite" in kinds:
        files = SqliteFiles(folder)
        shown["SQLite"] = _measured(files, folder, visit, count)
    if "postgres" in kinds:
        with postgres() as server:
            shown["Postgres"] = _measured(server, folder, visit, count)
    return written(shown, visit.users, before, count)


def _measured(
    databases: SqliteFiles | PostgresDatabases, folder: Path, visit: Visit, count: int
) -> list[dict[str, Any]]:
    url = databases.fresh(FULL)
    try:
        return pages(folder, url, visit, count)
    finally:
        databases.drop(FULL)


def written(shown: dict[str, list[dict[str, Any]]], users: int, before: str, count: int) -> str:
    rows = [
        [f"{database}: {one['name']}", *_line(one), when()]
        for database, found in shown.items()
        for one in found
    ]
    return f"""{count:,} drafts wait for one CSM, from the template `spine/personal`, of four severities; for the Send queue all of
them are approved. {users} users on the real server, each running the whole page again, or pressing the button, about
once a second; on a draft each works through a part of their own. Measured from asking to the end of the run (the next
draft's page where one goes on to it), without drawing in the browser; processor time of the server is the mean.

{with_rows(before, table(HEADER, rows), 1)}"""


def _line(one: dict[str, Any]) -> list[str]:
    def ms(spread: dict[str, float], figure: str) -> str:
        return f"{spread[figure]:.0f} ms" if figure in spread else "–"

    first, again = one["first_ms"], one["rerun_ms"]
    cpu = f"{one['cpu_ms_per_run']:.0f} ms"
    return [ms(first, "p95"), ms(again, "p50"), f"**{ms(again, 'p95')}**", cpu, str(one["errors"])]
