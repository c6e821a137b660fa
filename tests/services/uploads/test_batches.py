"""Attendance without a file: taken in, replaced, and taken back like any upload."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from data.db import transaction
from data.tables import Attendance, CustomerScore, Event, HookDelivery, Upload
from data.tables.events import CANCELLED
from integrations.hooks import signed
from integrations.hooks.records import hmac_hex
from services.access import SYSTEM
from services.hooks import Shown, deliveries
from services.scoring.board import recompute
from services.uploads import batches
from services.uploads.undo import undo
from tests.services.hooks.zoom_world import SECRET, START, account, deliver, ended, move, work
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


def test_webinar_that_nobody_joined_yet_is_no_event_and_fails_for_nothing(world: Engine):
    zoom, later = account(world), START + timedelta(hours=1)
    for raw in (move("joined", "x@y.test", 0), move("left", "x@y.test", 55), ended(60)):
        deliver(world, zoom, raw, later)
    work(world, later + timedelta(minutes=2))
    with transaction(world, read_only=True) as session:
        assert set(session.scalars(select(HookDelivery.state))) == {"done"}
        assert session.scalars(select(Event.id)).all() == []
    for raw in (move("joined", MARIA, 5), move("left", MARIA, 50), ended(61)):
        deliver(world, zoom, raw, later + timedelta(minutes=10))
    work(world, later + timedelta(minutes=12))
    assert facts(world) == [(MARIA, "API best practices", 4, 45.0, None, 1)]


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


def registration(who: str, day: int, *, kind: str = "created") -> bytes:
    about = {
        "id": "845",
        "topic": "Customer days",
        "start_time": "2026-11-20T15:00:00Z",
        "registrant": {"id": who, "email": who, "first_name": "A", "last_name": "B"},
    }
    told = int((START + timedelta(days=day)).timestamp() * 1000)
    said = {"event_ts": told, "payload": {"object": about}}
    return json.dumps(said | {"event": f"webinar.registration_{kind}"}).encode()


def said_at(engine: Engine, status: int) -> list[datetime]:
    wanted = select(Upload.uploaded_at).join(Attendance, Attendance.upload_id == Upload.id)
    with transaction(engine, read_only=True) as session:
        return list(session.scalars(wanted.where(Attendance.status == status)))


def test_registrations_outlive_the_deliveries_that_told_of_them(world: Engine):
    zoom = account(world)

    def told(who: str, day: int, kind: str = "created") -> None:
        at = START + timedelta(days=day)
        deliver(world, zoom, registration(who, day, kind=kind), at)
        work(world, at + timedelta(hours=1))

    early = [f"person{n}@dataflow.io" for n in range(5)]
    for who in early[1:]:
        deliver(world, zoom, registration(who, -200), START + timedelta(days=-200))
    told(early[0], -200)
    with transaction(world) as session:
        deliveries.tidy(session, now=START + timedelta(days=-100))
        assert session.scalar(select(func.count()).select_from(HookDelivery)) == 0
    told(MARIA, -99)
    assert [row[0] for row in facts(world)] == sorted([MARIA, *early])
    told(early[0], -98, "cancelled")
    told(TOM, -97)  # with whom the cancellation is told again, and is no newer for it
    assert said_at(world, CANCELLED) == [START + timedelta(days=-98, hours=1)]
    assert [row[0] for row in facts(world)] == sorted([MARIA, TOM, *early])
    assert {row[0]: row[2] for row in facts(world)}[early[0]] == CANCELLED
    assert len(in_force(world)) == 2
    with transaction(world) as session:
        deliveries.tidy(session, now=START + timedelta(days=-9))
        kept = session.scalar(select(func.count()).select_from(HookDelivery))
    assert kept == 3, "as long as some of it is young, all of it is kept"
    undo(max(in_force(world)), by=SYSTEM, now=START, engine=world)
    assert [row[0] for row in facts(world)] == early
    told(GRACE, 0)
    assert [row[0] for row in facts(world)] == sorted([GRACE, MARIA, TOM, *early])


def test_courses_of_a_day_are_one_upload_and_one_event_each(world: Engine):
    academy = account(world, "skilljar")
    user = {"email": MARIA, "first_name": "Maria", "last_name": "Lopez"}

    def sent(kind: str, course: str, hour: int) -> bytes:
        said = {
            "event_type": kind,
            "timestamp": f"2026-11-20T{hour:02}:00:00+00:00",
            "user": user,
            "course": {"id": course, "title": f"Course {course}"},
        }
        return json.dumps(said).encode()

    for raw in (
        sent("COURSE_ENROLLMENT", "a", 8),
        sent("COURSE_COMPLETION", "a", 10),
        sent("COURSE_ENROLLMENT", "b", 11),
    ):
        deliver(world, academy, raw, START)
    work(world, OVER)
    assert [row[:3] for row in facts(world)] == [(MARIA, "Course a", 4), (MARIA, "Course b", 1)]
    deliver(world, academy, sent("COURSE_COMPLETION", "b", 12), OVER)
    work(world, OVER + timedelta(hours=1))
    assert [row[:3] for row in facts(world)] == [(MARIA, "Course a", 4), (MARIA, "Course b", 4)]
    with transaction(world, read_only=True) as session:
        assert session.scalars(select(Attendance.completed)).all() == [True, True]
        assert set(session.scalars(select(Event.type))) == {"training"}
    assert len(in_force(world)) == 1


def test_a_course_begins_with_who_finished_first_and_counts_on_each_ones_day(world: Engine):
    academy = account(world, "skilljar")
    last_of = select(CustomerScore.customer_id, CustomerScore.last_attended)
    for who, day in ((MARIA, "2026-11-20"), (GRACE, "2026-09-30")):  # the later one arrives first
        said = {
            "event_type": "COURSE_COMPLETION",
            "timestamp": f"{day}T10:00:00+00:00",
            "user": {"email": who, "first_name": "A", "last_name": "B"},
            "course": {"id": "a", "title": "Course a"},
        }
        deliver(world, academy, json.dumps(said).encode(), START)
    work(world, OVER)
    with transaction(world) as session:
        assert session.scalars(select(Event.held_on)).all() == [date(2026, 9, 30)]
        stored = dict(session.execute(last_of.where(CustomerScore.attended > 0)).all())
        recompute(session, now=OVER)
        again = dict(session.execute(last_of.where(CustomerScore.attended > 0)).all())
    assert stored == again == {1: date(2026, 11, 20), 2: date(2026, 9, 30)}


def test_learning_records_are_taken_in_with_completed_and_passed(world: Engine):
    lms = account(world, "xapi")

    def statement(number: int, verb: str, **result: object) -> dict[str, object]:
        return {
            "id": f"0e0e0e0e-0000-4000-8000-00000000000{number}",
            "timestamp": f"2026-11-1{number}T12:00:00+00:00",
            "actor": {"name": "Maria Lopez", "mbox": f"mailto:{MARIA}"},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": "https://a.example/c", "definition": {"name": {"en": "Admin 101"}}},
            "result": result,
        }

    both = [statement(1, "completed", completion=True), statement(2, "passed", success=True)]
    raw = json.dumps(both).encode()
    auth = {"authorization": "Basic " + b64encode(f"cscx:{lms.secret}".encode()).decode()}
    deliver(world, lms, raw, START, auth)
    work(world, OVER)
    with transaction(world, read_only=True) as session:
        row = session.scalars(select(Attendance)).one()
        assert (row.completed, row.passed) == (True, True)


def test_records_of_an_own_system_are_taken_in_at_once(world: Engine):
    ours = account(world, "signed")
    event = {"name": "Partner day", "date": "2026-11-19", "type": "conference"}
    raw = json.dumps([{"email": MARIA, "event": event}, {"stakeholderId": "sth_2", "event": event}])
    deliver(world, ours, raw.encode(), START, standard(ours, raw.encode(), START))
    assert work(world, START) == 1
    assert [row[:3] for row in facts(world)] == [
        (MARIA, "Partner day", 4),
        (TOM, "Partner day", 4),
    ]
    with transaction(world, read_only=True) as session:
        assert session.scalars(select(Upload.label)).all() == ["Sent by your system"]


def standard(shown: Shown, raw: bytes, now: datetime, number: str = "m1") -> dict[str, str]:
    stamp = str(int(now.timestamp()))
    signature = "v1," + signed._sign(shown.secret or "", f"{number}.{stamp}.".encode() + raw)
    return {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": signature}


def _skilljar() -> list[bytes]:
    return [
        json.dumps(
            {
                "event_type": f"COURSE_{kind}",
                "timestamp": f"2026-11-{day}T10:00:00+00:00",
                "user": {"email": MARIA, "first_name": "Maria", "last_name": "Lopez"},
                "course": {"id": "a", "title": "Admin 101"},
            }
        ).encode()
        for kind, day in (("ENROLLMENT", 16), ("COMPLETION", 18))
    ]


def _thinkific() -> list[bytes]:
    return [
        json.dumps(
            {
                "id": number,
                "resource": "enrollment",
                "action": action,
                "created_at": f"2026-11-{day}T10:00:00.000Z",
                "payload": {
                    "percentage_completed": share,
                    "started_at": "2026-11-15T09:00:00Z",
                    "completed_at": "2026-11-18T10:00:00Z" if share == "1.0" else None,
                    "user": {"email": MARIA, "first_name": "Maria", "last_name": "Lopez"},
                    "course": {"id": 12, "name": "Admin 101"},
                },
            }
        ).encode()
        for number, action, day, share in (
            (1, "created", 15, "0.0"),
            (2, "progress", 16, 0.5),
            (3, "completed", 18, "1.0"),
        )
    ]


def _xapi() -> list[bytes]:
    return [
        json.dumps(
            {
                "id": f"0e0e0e0e-0000-4000-8000-00000000000{number}",
                "timestamp": f"2026-11-{day}T10:00:00+00:00",
                "actor": {"name": "Maria Lopez", "mbox": f"mailto:{MARIA}"},
                "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
                "object": {
                    "id": "https://a.example/c",
                    "definition": {"name": {"en": "Admin 101"}},
                },
            }
        ).encode()
        for number, (verb, day) in enumerate(
            (("registered", 16), ("passed", 18), ("completed", 18))
        )
    ]


def _own() -> list[bytes]:
    event = {"name": "Admin 101", "date": "2026-11-19", "type": "conference"}
    return [
        json.dumps({"email": MARIA, "event": event, "attendance": said}).encode()
        for said in (
            {"attended": False, "registered": True},
            {"attended": True, "completed": True, "duration": 50, "sessionsAttended": ["B", "A"]},
            {"attended": True, "completed": False, "duration": "20", "sessionsAttended": ["C"]},
        )
    ]


@pytest.mark.parametrize(
    ("vendor", "said"),
    [("skilljar", _skilljar), ("thinkific", _thinkific), ("xapi", _xapi), ("signed", _own)],
)
def test_what_arrives_in_another_order_and_more_than_once_comes_to_the_same(
    world: Engine, vendor: str, said: Callable[[], list[bytes]]
):
    """Each is taken in before the next one comes."""
    ends = [_told(world, vendor, one) for one in (said(), said()[::-1], said()[1:] + said()[:2])]
    assert ends[0] == ends[1] == ends[2]
    name, held_on, status, completed, *more = ends[0]
    assert (name, status, completed) == ("Admin 101", 4, True)
    assert held_on == date(
        2026, 11, 19 if vendor == "signed" else 15 if vendor == "thinkific" else 16
    )
    if vendor == "signed":
        assert more[:2] == [50, "A; B; C"]
    else:
        assert more[2] == datetime(2026, 11, 18, 10, tzinfo=UTC)


def _told(world: Engine, vendor: str, bodies: list[bytes]) -> tuple[Any, ...]:
    """What is on record at the end; then all is taken back."""
    shown, now = account(world, vendor), START
    before = in_force(world)
    for number, raw in enumerate(bodies):
        theirs = {"x-thinkific-hmac-sha256": hmac_hex(SECRET, raw)}
        password = b64encode(f"cscx:{shown.secret}".encode()).decode()
        headers = {
            "thinkific": theirs,
            "xapi": {"authorization": f"Basic {password}"},
            "signed": standard(shown, raw, now, f"m{number}"),
        }
        deliver(world, shown, raw, now, headers.get(vendor, {"any": "thing"}))
        now += timedelta(hours=2)
        work(world, now)
    a, e = Attendance, Event
    asked = select(
        e.name, e.held_on, a.status, a.completed, a.minutes, a.sessions, a.joined_at, a.passed
    ).join(e, e.id == a.event_id)
    with transaction(world, read_only=True) as session:
        (found,) = session.execute(asked).all()
    for upload_id in reversed(in_force(world)):
        if upload_id not in before:
            undo(upload_id, by=SYSTEM, now=now, engine=world)
    assert facts(world) == []
    return tuple(found)


@pytest.mark.parametrize("dies", range(1, 5))
def test_worker_that_dies_on_the_way_leaves_no_trace_of_it(
    world: Engine, monkeypatch: pytest.MonkeyPatch, dies: int
):
    """At its first, second, … step of writing; then another worker does it all."""

    class Killed(BaseException):
        pass

    steps = iter(range(1, 100))

    def deadly(step):
        def once(*args, **kwargs):
            if next(steps) == dies:
                raise Killed
            return step(*args, **kwargs)

        return once

    zoom = account(world)
    deliver(world, zoom, MOVES[0], START)
    work(world, OVER)
    for raw in MOVES[1:]:
        deliver(world, zoom, raw, OVER)
    before = state(world)
    for module, name in (
        (batches, "stage"),
        (batches, "commit_staged"),
        (batches, "take_back"),
        (deliveries, "mark"),
    ):
        monkeypatch.setattr(module, name, deadly(getattr(module, name)))
    with pytest.raises(Killed):
        work(world, OVER + timedelta(hours=1))
    assert state(world) == before
    assert len(in_force(world)) == 1
    work(world, OVER + timedelta(hours=1))
    assert [(row[0], row[3]) for row in facts(world)] == [(GRACE, 30.0), (MARIA, 50.0), (TOM, 55.0)]
    assert len(in_force(world)) == 1
