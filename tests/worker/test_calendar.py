"""Tasks and the owner's Google Calendar, by the worker's own job."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.db import transaction
from data.settings import settings
from data.tables import Mailbox, Task
from services import tasks
from services.access import Viewer
from services.mailboxes import seal
from services.tasks import NewTask
from tests.support.fakes.gmail import GmailFake, running_gmail
from tests.support.portfolio import Portfolio, portfolio
from worker.jobs import Runner
from worker.periodic import KINDS


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Generator[GmailFake]:
    with running_gmail() as fake:
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path / "var"))
        settings.cache_clear()
        yield fake
    settings.cache_clear()


@pytest.fixture
def us(engine: Engine, now: datetime, google: GmailFake) -> Portfolio:
    with transaction(engine) as session:
        made = portfolio(session, now)
        connect(session, made.dana, now, calendar=True)
        connect(session, made.erik, now, calendar=False)
        return made


def connect(session: Session, who: Viewer, now: datetime, *, calendar: bool) -> None:
    session.add(
        Mailbox(
            person_id=who.person_id,
            kind="gmail",
            address=who.email,
            options={"calendar": calendar},
            secret=seal("refresh-ana"),
            created_at=now,
        )
    )


def work(engine: Engine, now: datetime) -> int:
    """How many jobs there were to do."""

    def transact() -> AbstractContextManager[Session]:
        return transaction(engine)

    runner, done = Runner(transact, lambda: now, KINDS), 0
    while runner.run_next():
        done += 1
    return done


def add(engine: Engine, us: Portfolio, now: datetime, owner: Viewer) -> int:
    new = NewTask("call", "Call Maria", now, owner.person_id, customer_id=us.techcorp)
    with transaction(engine) as session:
        number = tasks.add(session, new, now=now)
        assert number is not None
        return number


def entries(google: GmailFake) -> list[tuple[str, str]]:
    return [(e["summary"], e["status"]) for e in google.entries.values()]


def test_task_is_put_into_the_calendar_and_follows_its_moves(
    engine: Engine, us: Portfolio, google: GmailFake, now: datetime
):
    number = add(engine, us, now, us.dana)
    assert work(engine, now) == 1
    assert entries(google) == [("TechCorp: Call Maria", "confirmed")]
    with transaction(engine) as session:
        assert session.get_one(Task, number).calendar_id in google.entries
        tasks.move(session, number, "done", by=us.dana, now=now + timedelta(hours=1))
    work(engine, now + timedelta(hours=1))
    assert entries(google) == [("Done: TechCorp: Call Maria", "confirmed")]


def test_given_away_task_leaves_the_former_owner_s_calendar(
    engine: Engine, us: Portfolio, google: GmailFake, now: datetime
):
    number = add(engine, us, now, us.dana)
    work(engine, now)
    assert us.erik.person_id is not None
    with transaction(engine) as session:
        tasks.reassign(session, number, us.erik.person_id, by=us.morgan, now=now)
    work(engine, now)
    assert [status for _, status in entries(google)] == ["cancelled"]


def test_call_that_broke_off_is_made_again(
    engine: Engine, us: Portfolio, google: GmailFake, now: datetime
):
    add(engine, us, now, us.dana)
    google.next_faults["calendar"].append("refused")
    work(engine, now)
    assert entries(google) == []
    work(engine, now + timedelta(hours=1))
    assert entries(google) == [("TechCorp: Call Maria", "confirmed")]


def test_without_a_connected_calendar_nothing_is_asked_for(
    engine: Engine, us: Portfolio, google: GmailFake, now: datetime
):
    number = add(engine, us, now, us.erik)
    assert work(engine, now) == 0
    assert google.calls.total() == 0
    with transaction(engine) as session:
        name, content = tasks.calendar_entry_file(session, us.erik, number, now)
    assert name.endswith(".ics")
    assert b"SUMMARY:TechCorp: Call Maria" in content
