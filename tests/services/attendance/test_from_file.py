"""A file is counted, the worker follows up; the file is taken back, and so is what followed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from data.db import transaction
from data.tables import (
    Customer,
    Draft,
    EventResource,
    EventSession,
    FollowUp,
    Job,
    Notification,
    Person,
)
from services.access.viewer import SYSTEM
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv
from worker.jobs import Runner
from worker.periodic import KINDS

WHEN = "2026-11-17 15:00:00"


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    with transaction(engine) as session:
        dana = Person(name="Dana", email="dana@ours.example", role="csm", created_at=NOW)
        session.add(dana)
        session.flush()
        session.execute(update(Customer).values(csm_id=dana.id))
    return engine


def work(engine: Engine) -> None:
    runner = Runner(partial(transaction, engine), lambda: NOW + timedelta(minutes=1), KINDS)
    while runner.run_next():
        pass


def counts(engine: Engine) -> dict[str, int]:
    with transaction(engine, read_only=True) as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (FollowUp, Draft, Notification)
        }


def states(engine: Engine) -> list[str]:
    with transaction(engine, read_only=True) as session:
        return list(session.scalars(select(Draft.state).order_by(Draft.id)))


def test_file_becomes_notifications_and_drafts(world: Engine, tmp_path: Path):
    rows = [
        line("maria.lopez@dataflow.io", Date=WHEN),
        line("grace.hill@cobaltharbor.com", Date=WHEN, Status="No Show"),
        line("somebody@else.example", Date=WHEN),
    ]
    bring_in(world, write_csv(tmp_path / "week.csv", rows))
    work(world)
    assert counts(world) == {"follow_up": 2, "draft": 2, "notification": 2}
    with transaction(world, read_only=True) as session:
        failed = session.scalars(select(Job.error).where(Job.error.is_not(None))).all()
    assert failed == []


def test_year_of_history_writes_to_nobody(world: Engine, tmp_path: Path):
    rows = [line("maria.lopez@dataflow.io", Date="2026-03-05 15:00:00")]
    bring_in(world, write_csv(tmp_path / "old.csv", rows))
    work(world)
    assert counts(world) == {"follow_up": 0, "draft": 0, "notification": 0}


def test_undo_takes_back_what_followed_and_the_corrected_file_brings_it_again(
    world: Engine, tmp_path: Path
):
    first = [
        line("maria.lopez@dataflow.io", Date=WHEN),
        line("grace.hill@cobaltharbor.com", Date=WHEN),
    ]
    done = bring_in(world, write_csv(tmp_path / "first.csv", first))
    work(world)
    with transaction(world) as session:
        event_id = session.scalars(select(FollowUp.event_id)).first()
        session.add(EventSession(event_id=event_id, position=1, title="One"))
        session.add(EventResource(event_id=event_id, title="Slides", url="https://a.example/s"))
    undo(int(done["upload_id"]), by=SYSTEM, now=NOW, engine=world)
    assert counts(world)["follow_up"] == 0
    assert states(world) == ["cancelled", "cancelled"]
    second = [line("maria.lopez@dataflow.io", Date=WHEN)]
    bring_in(world, write_csv(tmp_path / "second.csv", second))
    work(world)
    assert counts(world)["follow_up"] == 1
    assert states(world) == ["cancelled", "cancelled", "pending"]


def test_other_file_that_speaks_of_the_same_event_keeps_its_follow_up(
    world: Engine, tmp_path: Path
):
    one = [line("maria.lopez@dataflow.io", Date=WHEN)]
    two = [line("grace.hill@cobaltharbor.com", Date=WHEN)]
    done = bring_in(world, write_csv(tmp_path / "one.csv", one))
    bring_in(world, write_csv(tmp_path / "two.csv", two))
    work(world)
    undo(int(done["upload_id"]), by=SYSTEM, now=NOW, engine=world)
    assert counts(world)["follow_up"] == 1
    assert sorted(states(world)) == ["cancelled", "pending"]
