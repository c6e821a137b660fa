"""Attendance without a file: taken in, replaced, and taken back like any upload."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from data.db import transaction
from data.tables import Attendance, Event, HookDelivery, Upload
from services.access import SYSTEM
from services.hooks import deliveries
from services.uploads.undo import undo
from tests.services.hooks.zoom_world import START, account, deliver, ended, move, work
from tests.services.uploads.world import (
    FACT_TABLES,
    attendance,
    bring_in,
    line,
    load_customers,
    state,
    write_csv,
)

MARIA, TOM, GRACE = "maria.lopez@dataflow.io", "tom.reed@dataflow.io", "grace.hill@cobaltharbor.com"
OVER = START + timedelta(hours=2)
MOVES = [
    move("joined", MARIA, 0),
    move("left", MARIA, 20),
    move("joined", MARIA, 25, "2"),
    move("left", MARIA, 55, "2"),
    move("joined", TOM, 5),
    move("joined", GRACE, 10, email=""),
    move("left", GRACE, 40),
    ended(58),
    ended(60),
]


@pytest.fixture
def world(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("CSCX_DATA_DIR", str(tmp_path))
    load_customers(engine)
    return engine


def facts(engine: Engine) -> list[tuple[object, ...]]:
    """Who was how long where, and whose they are; without numbers that depend on the order of writing."""
    return attendance(engine).rows()


def in_force(engine: Engine) -> list[int]:
    with transaction(engine, read_only=True) as session:
        return list(session.scalars(select(Upload.id).where(Upload.state == "committed")))


def test_webinar_is_taken_in_soon_after_its_end(world: Engine):
    zoom = account(world)
    for raw in MOVES:
        deliver(world, zoom, raw, START + timedelta(hours=1))
    assert work(world, START + timedelta(hours=1)) == 0
    assert work(world, START + timedelta(hours=1, minutes=2)) > 0
    assert facts(world) == [
        (GRACE, "API best practices", 4, 30.0, None, 2),
        (MARIA, "API best practices", 4, 50.0, None, 1),
        (TOM, "API best practices", 4, 55.0, None, 1),
    ]
    with transaction(world, read_only=True) as session:
        assert set(session.scalars(select(HookDelivery.state))) == {"done"}
        upload = session.scalars(select(Upload)).one()
        event = session.scalars(select(Event)).one()
        assert (upload.label, upload.uploaded_by) == ("Zoom webinar, live", None)
        assert (event.source, event.source_event_id, event.type) == ("zoom", "845", "webinar")


def test_without_an_end_it_waits_until_it_is_quiet(world: Engine):
    zoom = account(world)
    deliver(world, zoom, move("joined", MARIA, 0), START)
    deliver(world, zoom, move("left", MARIA, 14), START + timedelta(minutes=14))
    work(world, START + timedelta(minutes=21))
    assert facts(world) == []
    work(world, START + timedelta(minutes=45))
    assert facts(world) == [(MARIA, "API best practices", 4, 14.0, None, 1)]


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_repeated_and_late_deliveries_come_to_the_same(world: Engine, seed: int):
    chance = random.Random(seed)
    zoom, now = account(world), START + timedelta(hours=1)
    sent = [raw for raw in MOVES for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    for raw in sent:
        deliver(world, zoom, raw, now)
        now += timedelta(minutes=chance.choice([0, 0, 1, 3, 30]))
        if chance.random() < 0.3:
            work(world, now)
    work(world, now + timedelta(hours=1))
    assert facts(world) == [
        (GRACE, "API best practices", 4, 30.0, None, 2),
        (MARIA, "API best practices", 4, 50.0, None, 1),
        (TOM, "API best practices", 4, 55.0, None, 1),
    ]
    with transaction(world, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(HookDelivery)) == len(MOVES)
        assert session.scalar(select(func.count()).select_from(Event)) == 1
    assert len(in_force(world)) == 1


def test_undo_after_a_correction_leaves_nothing_of_either(world: Engine):
    before = state(world)
    zoom = account(world)
    deliver(world, zoom, move("joined", MARIA, 0), START)
    deliver(world, zoom, ended(30), START + timedelta(minutes=31))
    work(world, OVER)
    deliver(world, zoom, move("joined", TOM, 0), OVER)
    work(world, OVER + timedelta(hours=1))
    assert [row[0] for row in facts(world)] == [MARIA, TOM]
    (upload_id,) = in_force(world)
    undo(upload_id, by=SYSTEM, now=OVER, engine=world)
    after = state(world)
    assert {name: after[name] for name in FACT_TABLES if name != "customer_score"} == {
        name: before[name] for name in FACT_TABLES if name != "customer_score"
    }


def test_event_keeps_its_id_when_a_correction_replaces_its_upload(world: Engine):
    zoom = account(world)
    deliver(world, zoom, move("joined", MARIA, 0), START)
    work(world, OVER)
    with transaction(world, read_only=True) as session:
        first = session.scalars(select(Event.id)).one()
    deliver(world, zoom, move("left", MARIA, 30), OVER)
    work(world, OVER + timedelta(hours=1))
    with transaction(world, read_only=True) as session:
        event = session.scalars(select(Event)).one()
        uploads = session.scalars(select(Upload).order_by(Upload.id)).all()
        assert (event.id, event.created_by_upload_id) == (first, uploads[-1].id)
        assert [u.state for u in uploads] == ["undone", "committed"]
        assert uploads[-1].summary["replaces"] == uploads[0].id
        assert set(session.scalars(select(Attendance.upload_id))) == {uploads[-1].id}
    assert facts(world)[0][3] == 30.0


def test_somebody_named_late_is_not_counted_twice(world: Engine):
    """At first only a name, then the address: one person all the same."""
    zoom = account(world)
    deliver(world, zoom, move("joined", MARIA, 0, email=""), START)
    work(world, OVER)
    assert [row[0] for row in facts(world)] == [None]
    deliver(world, zoom, move("left", MARIA, 30), OVER)
    work(world, OVER + timedelta(hours=1))
    assert facts(world) == [(MARIA, "API best practices", 4, 30.0, None, 1)]


def test_report_of_the_same_webinar_joins_the_event_of_the_hook(world: Engine, tmp_path: Path):
    zoom = account(world)
    deliver(world, zoom, move("joined", MARIA, 0), START)
    deliver(world, zoom, ended(), START)
    work(world, OVER)
    report = line(TOM, "API best practices", Date="2026-11-20 15:00:00", Duration="33")
    bring_in(world, write_csv(tmp_path / "report.csv", [report]))
    with transaction(world, read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Event)) == 1
    assert [row[0] for row in facts(world)] == [MARIA, TOM]


def test_what_cannot_be_taken_in_says_why_and_can_be_tried_again(world: Engine):
    zoom = account(world)
    raw = (
        move("joined", MARIA, 0)
        .replace(b'"join_time"', b'"join"')
        .replace(b"participant_joined", b"started")
    )
    lone = raw.replace(b"webinar.started", b"webinar.registration_created").replace(
        b'"participant"', b'"registrant"'
    )
    lone = lone.replace(b'"start_time"', b'"start"')
    deliver(world, zoom, lone, START)
    work(world, OVER)
    with transaction(world) as session:
        failed = session.scalars(select(HookDelivery)).one()
        assert failed.state == "failed"
        assert "has no date" in (failed.error or "")
    assert facts(world) == []
    dated = lone.replace(b'"start"', b'"start_time"')
    deliver(world, zoom, dated, OVER)
    work(world, OVER + timedelta(hours=1))
    assert [row[2] for row in facts(world)] == [1]
    with transaction(world, read_only=True) as session:
        assert sorted(session.scalars(select(HookDelivery.state))) == ["done", "failed"]


def test_deliveries_that_say_nothing_of_people_make_no_upload(world: Engine):
    zoom = account(world)
    deliver(world, zoom, ended(), START)
    work(world, OVER)
    assert in_force(world) == []
    with transaction(world, read_only=True) as session:
        assert session.scalars(select(HookDelivery.state)).all() == ["done"]


def test_old_deliveries_are_forgotten(world: Engine):
    zoom = account(world)
    deliver(world, zoom, ended(), START)
    with transaction(world) as session:
        deliveries.tidy(session, now=START + timedelta(days=89))
        assert session.scalar(select(func.count()).select_from(HookDelivery)) == 1
        deliveries.tidy(session, now=START + timedelta(days=91))
        assert session.scalar(select(func.count()).select_from(HookDelivery)) == 0
