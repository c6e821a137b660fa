"""A conference that has been followed up, and the pages that show it, with ten users: part of
`python -m bench --only follow-up`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bench.databases import Databases
from bench.document import table
from bench.load import Visit
from bench.pages import THINK, USERS
from bench.served import opened
from data.db import make_engine, migrate, transaction
from services.attendance.follow_up.run import follow_up
from services.scoring.board import recompute

FULL = "bench_follow_up_pages"
RERUNS = 10
NAME = "Customer conference"
EVENT = "id=evt_1&event.view="
VISITS = (
    ("Event, people", "event", f"{EVENT}People", NAME),
    ("Event, invitations", "event", f"{EVENT}Invitations", NAME),
    ("Event, follow-up", "event", f"{EVENT}Follow-up", NAME),
    ("Event, impact", "event", f"{EVENT}Impact", NAME),
    ("Event, details", "event", f"{EVENT}Details", NAME),
    ("Events, late follow-ups", "events", "events.view=Late follow-ups", "Events"),
    ("Event analysis, follow-up", "event_analysis", "event_analysis.view=Follow-up", "Event"),
    ("Drafts", "drafts", "", "Drafts"),
    ("Today", "", "", ""),
)


def run(
    databases: Databases,
    folder: Path,
    fill: Callable[[Engine, int, datetime], int],
    people: int,
) -> list[dict[str, Any]]:
    """One result of `load` per page, for an admin, who sees all; `fill` makes the conference."""
    url = databases.fresh(FULL)
    _followed_up(url, fill, people)
    with opened(folder, url, Visit("", users=USERS, reruns=RERUNS, think=THINK)) as look:
        found = [{"database": databases.name, **look(one)} for one in VISITS]
    databases.drop(FULL)
    return found


def _followed_up(url: str, fill: Callable[[Engine, int, datetime], int], people: int) -> None:
    engine, now = make_engine(url), datetime.now(UTC)
    try:
        migrate(engine)
        event = fill(engine, people, now)
        follow_up(partial(transaction, engine), [event], lambda: now)
        with transaction(engine) as session:
            recompute(session, now=now)
    finally:
        engine.dispose()


def written(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            one["database"],
            one["name"],
            f"{one['first_ms'].get('p50', 0):.0f} ms",
            f"{one['first_ms'].get('p95', 0):.0f} ms",
            f"{one['rerun_ms'].get('p50', 0):.0f} ms",
            f"**{one['rerun_ms'].get('p95', 0):.0f} ms**",
            f"{one['kb_first']:.0f} kB",
            str(one["errors"]),
        ]
        for one in found
    ]
    header = [
        "database",
        "page",
        "first, p50",
        "first, p95",
        "again, p50",
        "again, p95",
        "sent first",
        "errors",
    ]
    return f"""Pages of the real server with this conference and its drafts in, {USERS} users at once, each running the whole
page again about once a second, and none of them opened before: the server's very first look is among the first
of the first page. Measured from asking to the end of the run, without drawing in the browser.

{table(header, rows)}"""
