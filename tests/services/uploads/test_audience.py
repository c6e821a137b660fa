"""Calls and dinners: for the customers that were there, and missed by nobody else."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.db import transaction
from data.tables import Customer, Event
from data.versions import MATCHING, bump
from integrations.attendance_records import AttendanceRecord
from services import match_review
from services.access import SYSTEM as EVERYBODYS
from services.attendance.events.editing import Details, save
from services.scoring.store import stored_scores
from services.uploads.entries import record
from services.uploads.manual import Deed, NewEvent, enter
from services.uploads.rematch import rematch, rematching
from services.uploads.undo import undo
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


QBR = """Topic,ID,Host,Duration (minutes),Start time,End time,Participants
DataFlow QBR,971 5550 7777,Dana Ortiz,58,"09/15/2026 10:00:11 AM","09/15/2026 10:57:40 AM",2

Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,Recording disclaimer response,In waiting room
Maria Lopez,maria.lopez@dataflow.io,"09/15/2026 10:00:20 AM","09/15/2026 10:57:38 AM",58,Yes,OK,No
"""
POLL = """Poll Report
Report generated time,09/25/2026 06:18:23 PM

Topic,Meeting ID,Actual Start Time,# Poll
DataFlow QBR,971 5550 7777,09/15/2026 10:00:11 AM,1

#,User Name,User Email,Submitted Time (UTC),Question,Answer
1,Maria Lopez,maria.lopez@dataflow.io,09/15/2026 10:51:01 AM,Good?,5
"""


def standings(engine: Engine) -> list[tuple[object, ...]]:
    with transaction(engine, read_only=True) as session:
        return stored_scores(session, Customer.id.is_not(None)).sort("customer_id").rows()


def the_meeting(engine: Engine) -> tuple[str, bool]:
    with transaction(engine, read_only=True) as session:
        event = session.query(Event).filter_by(name="DataFlow QBR").one()
        return event.type, bool(event.private)


@pytest.mark.parametrize("order", ["cmp", "cpm", "mcp", "mpc", "pcm", "pmc"])
def test_whom_a_meeting_was_for_does_not_rest_on_what_came_first(
    engine: Engine, tmp_path: Path, order: str
):
    """c: customers, m: the meeting, p: its poll."""
    files = {"m": QBR, "p": POLL}
    for name, text_of in files.items():
        (tmp_path / f"{name}.csv").write_text(text_of, encoding="utf-8")
    for step in order:
        if step == "c":
            load_customers(engine)
            with transaction(engine) as session:
                bump(session, MATCHING)
                rematch(session, now=NOW)
        else:
            bring_in(engine, tmp_path / f"{step}.csv")
    assert the_meeting(engine) == ("meeting", True)
    assert standing(engine, DATAFLOW)[1:3] == (1, 1)
    assert standing(engine, COBALT)[1:3] == (0, 0)


def test_a_meeting_follows_the_answers_of_the_match_review(world: Engine, tmp_path: Path):
    lines = [
        line(who, "DataFlow QBR", **{"Event Type": "Meeting"})
        for who in ("maria.lopez@dataflow.io", "ann@stranger.example")
    ]
    bring_in(world, write_csv(tmp_path / "qbr.csv", lines))
    before = standings(world)
    assert the_meeting(world) == ("meeting", True)
    said = {"kind": "domain", "key": "stranger.example", "verdict": "is", "customer_id": COBALT}
    with transaction(world) as session, rematching(session, now=NOW):
        number = match_review.answer(session, by=EVERYBODYS, now=NOW, **said)  # type: ignore[arg-type]
    assert the_meeting(world) == ("meeting", False), "of two customers, and so open to others"
    assert standing(world, COBALT)[1:] == (5, 5, 0)
    with transaction(world) as session, rematching(session, now=NOW):
        match_review.withdraw(session, by=EVERYBODYS, now=NOW, answer_id=number)
    assert the_meeting(world) == ("meeting", True)
    assert standings(world) == before


def test_a_meeting_follows_the_files_that_remain(world: Engine, tmp_path: Path):
    def told(who: str) -> dict[str, object]:
        return line(who, "DataFlow QBR", **{"Event Type": "Meeting"})

    bring_in(world, write_csv(tmp_path / "one.csv", [told("maria.lopez@dataflow.io")]))
    before = standings(world)
    other = bring_in(world, write_csv(tmp_path / "two.csv", [told("grace.hill@cobaltharbor.com")]))
    assert the_meeting(world) == ("meeting", False)
    undo(other["upload_id"], by=EVERYBODYS, now=NOW, engine=world)
    assert the_meeting(world) == ("meeting", True)
    assert standings(world) == before


@pytest.mark.parametrize("private", [True, False])
def test_what_a_person_has_said_of_a_meeting_stays(world: Engine, tmp_path: Path, private: bool):
    both = ["maria.lopez@dataflow.io", "grace.hill@cobaltharbor.com"]
    lines = [
        line(who, "DataFlow QBR", **{"Event Type": "Meeting"})
        for who in (both if private else both[:1])
    ]
    bring_in(world, write_csv(tmp_path / "qbr.csv", lines))
    assert the_meeting(world) == ("meeting", not private)
    with transaction(world) as session:
        event = session.query(Event).filter_by(name="DataFlow QBR").one()
        save(
            session, event.id, Details("meeting", None, None, private=private), by=EVERYBODYS, now=NOW
        )  # fmt: skip
    with transaction(world) as session:
        rematch(session, now=NOW)
    bring_in(world, write_csv(tmp_path / "tom.csv", [line("tom.reed@dataflow.io", "DataFlow QBR")]))
    assert the_meeting(world) == ("meeting", private)
