"""Calls and dinners: for the customers that were there, and missed by nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.db import transaction
from data.tables import Customer, Event
from integrations.attendance_records import AttendanceRecord
from services.access import SYSTEM as EVERYBODYS
from services.scoring.store import stored_scores
from services.uploads.entries import record
from services.uploads.manual import Deed, NewEvent, enter
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

DATAFLOW, COBALT = 1, 2
MARIA, TOM, GRACE = "sth_1", "sth_2", "sth_3"


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Engine:
    load_customers(engine)
    people = ("maria.lopez@dataflow.io", "grace.hill@cobaltharbor.com")
    lines = [
        line(who, f"Webinar {month}", Date=f"2026-{month:02}-05 15:00:00")
        for who in people
        for month in (2, 5, 8, 10)
    ]
    bring_in(engine, write_csv(tmp_path / "webinars.csv", lines))
    return engine


def standing(engine: Engine, customer_id: int) -> tuple[int, int, int, int]:
    """Score, events attended, events on offer, missed in a row."""
    with transaction(engine, read_only=True) as session:
        row = stored_scores(session, Customer.id == customer_id).row(0, named=True)
    return row["score"], row["attended"], row["eligible"], row["missed_in_row"]


def call(engine: Engine, number: int, *deeds: Deed, **said: object) -> None:
    day = date(2026, 11, 1) + timedelta(days=number)
    event = NewEvent(f"Call {number}", day, "meeting", **said)  # type: ignore[arg-type]
    with transaction(engine) as session:
        enter(session, event, deeds, by=EVERYBODYS, now=NOW)


def test_a_call_is_missed_by_nobody_who_was_not_asked(world: Engine):
    before = standing(world, COBALT)
    for number in range(6):
        call(world, number, Deed(MARIA))
    assert standing(world, DATAFLOW)[1:] == (10, 10, 0)
    assert standing(world, COBALT) == before
    call(world, 6, Deed(MARIA), Deed(GRACE, "registered"))
    assert standing(world, DATAFLOW)[1:] == (11, 11, 0)
    assert standing(world, COBALT)[1:] == (4, 5, 1), "who was asked and did not come has missed it"


def test_what_was_open_to_all_or_a_segment_is_missed_by_them(world: Engine):
    call(world, 1, Deed(MARIA), everybody=True)
    assert standing(world, COBALT)[2:] == (5, 1)
    with transaction(world) as session:
        session.execute(text("UPDATE customer SET segment = 'Small' WHERE id = 2"))
    call(world, 2, Deed(MARIA), segments=("Enterprise",))
    assert standing(world, COBALT)[2:] == (5, 1)
    call(world, 3, Deed(MARIA), segments=("Small",))
    assert standing(world, COBALT)[2:] == (6, 2)


@pytest.mark.parametrize(
    ("said", "private"),
    [
        ({"type": "meeting"}, True),
        ({"type": "meeting", "openTo": "all"}, False),
        ({"type": "meeting", "segments": ["Small"]}, False),
        ({"type": "workshop"}, True),
        ({}, True),
        ({"type": "workshop", "openTo": "all"}, False),
        ({"type": "webinar"}, False),
        ({"type": "conference", "openTo": "customers"}, True),
    ],
)
def test_a_program_says_whom_it_was_for_or_it_follows_from_the_type(world, said, private):
    sent = {
        "email": "maria.lopez@dataflow.io",
        "event": {"name": "QBR", "date": "2026-11-03"} | said,
    }
    with transaction(world) as session:
        record(session, [AttendanceRecord.model_validate(sent)], by=EVERYBODYS, now=NOW)
        event = session.query(Event).filter_by(name="QBR").one()
        assert (bool(event.private), event.segments) == (private, said.get("segments"))


def test_a_platforms_meeting_is_private_with_one_customer_in_it(world: Engine, tmp_path: Path):
    def meeting(name: str, *people: str) -> list[dict[str, object]]:
        return [line(who, name, **{"Event Type": "Meeting"}) for who in people]

    maria, tom = "maria.lopez@dataflow.io", "tom.reed@dataflow.io"
    lines = meeting("Check-in", maria, tom) + meeting("News", maria, "grace.hill@cobaltharbor.com")
    bring_in(world, write_csv(tmp_path / "meetings.csv", lines))
    with transaction(world, read_only=True) as session:
        found = {one.name: one.private for one in session.query(Event).filter_by(type="meeting")}
    assert found == {"Check-in": True, "News": False}
    assert standing(world, COBALT)[2] == 5
