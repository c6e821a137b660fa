"""A file is counted, the worker follows up; the file is taken back, and so is what followed."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select, update

from data.db import transaction
from data.tables import (
    Attendance,
    Customer,
    CustomerDomain,
    Draft,
    Event,
    EventResource,
    EventSession,
    FollowUp,
    Job,
    Notification,
    Person,
    TimelineEntry,
    Upload,
)
from services.access.viewer import SYSTEM
from services.attendance import follow_up
from services.scoring import risk
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv
from worker.jobs import Runner
from worker.periodic import KINDS

WHEN = "2026-11-17 15:00:00"
LATER = NOW + timedelta(minutes=1)


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


def withdrawn(engine: Engine) -> dict[str, int]:
    """Of the upload that was undone."""
    with transaction(engine, read_only=True) as session:
        (upload,) = session.scalars(select(Upload).where(Upload.state == "undone"))
        return upload.summary["withdrawn"]


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
    assert counts(world) == {"follow_up": 0, "draft": 2, "notification": 0}
    assert states(world) == ["cancelled", "cancelled"]
    assert withdrawn(world) == {
        "follow_ups": 2,
        "drafts": 2,
        "drafts_kept": 0,
        "opportunities": 0,
        "signals": 0,
        "signals_kept": 0,
        "notifications": 2,
    }
    second = [line("maria.lopez@dataflow.io", Date=WHEN)]
    bring_in(world, write_csv(tmp_path / "second.csv", second))
    work(world)
    assert counts(world) == {"follow_up": 1, "draft": 3, "notification": 1}
    assert states(world) == ["cancelled", "cancelled", "pending"]


def test_what_was_written_about_an_event_that_is_gone_counts_for_no_other(
    world: Engine, tmp_path: Path
):
    done = bring_in(
        world,
        write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", "Dinner A", Date=WHEN)]),
    )
    work(world)
    with transaction(world) as session:
        session.execute(update(Draft).values(state="rejected"))
        gone = session.scalars(select(FollowUp.event_id)).one()
    undo(int(done["upload_id"]), by=SYSTEM, now=NOW, engine=world)
    rows = [line("maria.lopez@dataflow.io", "Quarterly breakfast B", Date=WHEN)]
    bring_in(world, write_csv(tmp_path / "b.csv", rows))
    work(world)
    assert states(world) == ["rejected", "pending"]
    with transaction(world) as session:
        here = session.scalars(select(FollowUp)).one()
        assert here.event_id > gone
        assert here.drafted_at is not None
        assert here.detected_at <= here.drafted_at
        # Nor by one entered by hand.
        session.execute(delete(FollowUp))
        session.execute(delete(Attendance))
        session.execute(delete(Event))
        planned = Event(name="C", name_key="c", starts_at=NOW, held_on=NOW.date(), created_at=NOW)
        session.add(planned)
        session.flush()
        assert planned.id > here.event_id


def test_undo_leaves_what_a_person_has_acted_on_and_says_so(world: Engine, tmp_path: Path):
    rows = [
        line("maria.lopez@dataflow.io", Date=WHEN),
        line("grace.hill@cobaltharbor.com", Date=WHEN),
    ]
    done = bring_in(world, write_csv(tmp_path / "week.csv", rows))
    bring_in(world, write_csv(tmp_path / "other.csv", [line("tom.reed@dataflow.io", Date=WHEN)]))
    work(world)
    with transaction(world) as session:
        for draft in session.scalars(select(Draft).where(Draft.stakeholder_id == 1)):
            draft.state = "approved"
        put_away = session.scalars(select(Notification).where(Notification.customer_id == 2)).one()
        put_away.done_at = NOW
    undo(int(done["upload_id"]), by=SYSTEM, now=NOW, engine=world)
    found = withdrawn(world)
    assert (found["drafts"], found["drafts_kept"]) == (1, 1)
    assert (found["follow_ups"], found["notifications"]) == (1, 0)
    assert counts(world)["notification"] == 2
    work(world)  # nor does a later look take it back
    with transaction(world) as session:
        follow_up.catch_up(lambda: nullcontext(session), lambda: NOW)
    assert sorted(states(world)) == ["approved", "cancelled", "pending"]
    rows[0]["Duration"] = "44"
    bring_in(world, write_csv(tmp_path / "week.csv", rows))
    work(world)
    assert sorted(states(world)) == ["approved", "cancelled", "pending", "pending"]
    assert counts(world)["notification"] == 3


def test_undo_withdraws_the_risk_signals_that_its_file_opened(engine: Engine, tmp_path: Path):
    came, stayed_away = fading_files()
    with transaction(engine) as session:
        for number in range(1, 31):
            about = {"started_on": date(2024, 1, 1), "created_at": NOW, "updated_at": NOW}
            session.add(Customer(id=number, name=f"Customer {number}", **about))
            session.flush()
            session.add(CustomerDomain(customer_id=number, domain=f"c{number}.example"))
    bring_in(engine, write_csv(tmp_path / "came.csv", came))
    done = bring_in(engine, write_csv(tmp_path / "stayed away.csv", stayed_away), now=LATER)
    with transaction(engine) as session:
        assert risk.detect(session, now=LATER).opened == 1
    undo(int(done["upload_id"]), by=SYSTEM, now=LATER, engine=engine)
    assert withdrawn(engine)["signals"] == 1
    with transaction(engine) as session:
        assert risk.detect(session, now=LATER).still == 0
        (told,) = session.scalars(select(TimelineEntry)).all()
        assert told.withdrawn_at == LATER
    bring_in(engine, tmp_path / "stayed away.csv", now=LATER)
    with transaction(engine) as session:
        assert risk.detect(session, now=LATER).opened == 1


def fading_files() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everybody at 18 events in a year, and the correction that one was not at the last seven."""
    draw = Random(7)
    came, away = [], []
    for place in range(18):
        said = {"event": f"Event {place}", "Date": f"{date(2025, 12, 4) + place * timedelta(20)}"}
        guests = [1, 1, *(n for n in range(2, 31) if draw.random() < 0.4)]
        came += [line(f"p{at}@c{n}.example", **said) for at, n in enumerate(guests)]
        if place > 10:
            away += [line(f"p{at}@c1.example", **said, Status="No Show") for at in (0, 1)]
    return came, away


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
