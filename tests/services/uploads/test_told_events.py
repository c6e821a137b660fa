"""What programs say of an event in messages that arrive in any order, and more than once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Customer, Event
from data.tables.events import EVENT_TYPES
from integrations.attendance_records import AttendanceRecord
from services.access import SYSTEM
from services.scoring.store import stored_scores
from services.uploads.entries import record
from services.uploads.told_events import Said, merged
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, attendance, load_customers

MARIA, TOM, GRACE = "maria.lopez@dataflow.io", "tom.reed@dataflow.io", "grace.hill@cobaltharbor.com"
AT = datetime(2026, 11, 3)  # noqa: DTZ001 - as it is staged

said = st.builds(
    Said,
    name=st.sampled_from(("Partner Day", "partner day", "Partner  day")),
    starts_at=st.sampled_from((AT, AT.replace(hour=9), AT.replace(hour=15))),
    source=st.sampled_from(("api", "signed")),
    number=st.sampled_from((None, "7")),
    type=st.none() | st.sampled_from(EVENT_TYPES),
    topic=st.sampled_from((None, "Automation", "Security")),
    minutes=st.sampled_from((None, 30.0, 60.0)),
    closed=st.booleans(),
    opened=st.booleans(),
    segments=st.sampled_from(((), ("Small",), ("Enterprise", "Small"))),
)


@given(st.lists(said, min_size=1, max_size=5), st.data())
def test_any_order_and_any_repetition_of_what_is_said_comes_to_the_same(every, data):
    whole = reduce(Said.with_also, every)
    others = data.draw(st.permutations([*every, *data.draw(st.lists(st.sampled_from(every)))]))
    assert reduce(Said.with_also, others) == whole
    assert Said.from_text(whole.as_text()) == whole
    assert [(one, sorted(places)) for one, places in merged(others)] == [
        (whole, list(range(len(others))))
    ]


def message(who: str, said_of_it: dict[str, Any]) -> AttendanceRecord:
    event = {"name": "Partner day", "date": "2026-11-03"} | said_of_it
    return AttendanceRecord.model_validate({"email": who, "event": event})


def outcome(engine: Engine, messages: Sequence[tuple[str, AttendanceRecord]], form: str) -> Any:
    """What is on record after these messages, each by its key; then all is taken back."""
    made = []
    for key, one in messages:
        with transaction(engine) as session:
            made.append(record(session, [one], by=SYSTEM, now=NOW, form=form, key=key).upload_id)
    e = Event
    with transaction(engine, read_only=True) as session:
        events = session.execute(
            select(e.name, e.type, e.starts_at, e.private, e.segments, e.topic, e.source)
        ).all()
        board = stored_scores(session, Customer.id > 0).rows()
    found = [tuple(row) for row in events], attendance(engine).rows(), board
    for number in dict.fromkeys(made):
        undo(number, by=SYSTEM, now=NOW, engine=engine)
    with transaction(engine, read_only=True) as session:
        assert session.scalars(select(Event.id)).all() == []
    return found


@pytest.mark.parametrize(
    ("form", "one", "other", "kind", "private", "hour"),
    [
        ("signed", {"type": "webinar"}, {}, "webinar", False, 0),
        ("api", {"type": "webinar"}, {"type": "meeting"}, "webinar", False, 0),
        ("signed", {"openTo": "all"}, {"date": "2026-11-03T15:00:00Z"}, "other", False, 15),
        (
            "api",
            {"type": "webinar", "openTo": "customers", "date": "2026-11-03T15:00Z"},
            {"openTo": "all", "date": "2026-11-03T09:30Z"},
            "webinar",
            True,
            9,
        ),
    ],
)
def test_what_one_message_says_of_an_event_counts_whichever_comes_first(
    engine: Engine, form, one, other, kind, private, hour
):
    load_customers(engine)
    both = [("m1", message(MARIA, one)), ("m2", message(TOM, other))]
    first = outcome(engine, both, form)
    assert first == outcome(engine, both[::-1], form)
    ((_, type_, starts_at, is_private, *_),), _, _ = first
    assert (type_, bool(is_private), starts_at.hour) == (kind, private, hour)


def test_three_messages_in_any_order_and_again_come_to_the_same_board(engine: Engine):
    load_customers(engine)
    every = [
        ("m1", message(MARIA, {"type": "workshop", "segments": ["Small"], "topic": "Security"})),
        ("m2", message(GRACE, {"type": "webinar", "segments": ["Enterprise"]})),
        ("m3", message(TOM, {"name": "partner  Day", "date": "2026-11-03T15:00:00Z"})),
    ]
    orders = (every, every[::-1], [every[1], every[2], every[0]])
    ends = [outcome(engine, [*order, order[0]], "signed") for order in orders]
    assert all(end == ends[0] for end in ends)
    assert ends[0][0][0][1] == "webinar"
    assert ends[0][0][0][4] == ["Enterprise", "Small"]


def test_a_message_taken_back_takes_what_it_said_of_the_event_with_it(engine: Engine):
    load_customers(engine)
    with transaction(engine) as session:
        told = [
            record(session, [message(who, of)], by=SYSTEM, now=NOW, form="signed", key=who)
            for who, of in ((MARIA, {"type": "webinar"}), (TOM, {"topic": "Security"}))
        ]
        event = session.scalars(select(Event)).one()
        assert (event.type, event.private, event.topic) == ("webinar", False, "Security")
    assert told[0].upload_id is not None
    undo(told[0].upload_id, by=SYSTEM, now=NOW, engine=engine)
    with transaction(engine) as session:
        event = session.scalars(select(Event)).one()
        assert (event.type, event.private, event.topic) == ("other", True, "Security")
        event.type = "roundtable"  # as a person says
    with transaction(engine) as session:
        again = message(GRACE, {"type": "conference", "date": "2026-11-03T15:00:00Z"})
        record(session, [again], by=SYSTEM, now=NOW, form="signed", key="later")
        event = session.scalars(select(Event)).one()
        assert (event.type, event.starts_at.hour) == ("roundtable", 15)


def test_one_message_that_speaks_of_an_event_in_two_ways_makes_one_event(engine: Engine):
    load_customers(engine)
    both = [message(MARIA, {"type": "webinar"}), message(TOM, {"id": "n7"})]
    with transaction(engine) as session:
        record(session, both, by=SYSTEM, now=NOW)
        event = session.scalars(select(Event)).one()
        assert (event.type, event.source_event_id) == ("webinar", "n7")
