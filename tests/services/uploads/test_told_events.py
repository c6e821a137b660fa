"""What programs say of an event in messages that arrive in any order, and more than once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from data.db import transaction
from data.tables import Attendance, Customer, Event, HookDelivery
from data.tables.events import EVENT_TYPES
from integrations.attendance_records import AttendanceRecord
from integrations.hooks import VENDORS
from services import hooks
from services.access import SYSTEM
from services.scoring.store import stored_scores
from services.uploads.entries import record
from services.uploads.entry_events import NO_EVENT, UNKNOWN
from services.uploads.told_events import Said, merged
from services.uploads.undo import undo
from tests.services.hooks.zoom_world import account, work
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


@pytest.mark.parametrize(
    ("ahead", "past", "status"),
    [
        ("2026-11-21T20:00Z", "2026-11-21T09:00Z", "held"),
        ("2026-11-21T15:00Z", "2026-11-21", "planned"),
    ],
)
def test_an_event_is_held_or_to_come_by_its_start_whichever_message_comes_first(
    engine: Engine, ahead, past, status
):
    load_customers(engine)
    for step in (1, -1):
        name = f"Partner day {step}"
        both = [
            message(MARIA, {"name": name, "date": ahead}),
            message(TOM, {"name": name, "date": past}),
        ]
        both[0].attendance.status = "registered"
        with transaction(engine) as session:
            made = [record(session, [one], by=SYSTEM, now=NOW).upload_id for one in both[::step]]
            assert session.scalars(select(Event.status).where(Event.name == name)).one() == status
        came = made[::step][1]
        assert came is not None
        undo(came, by=SYSTEM, now=NOW + timedelta(days=2), engine=engine)
        with transaction(engine) as session:
            left = session.scalars(select(Event.status).where(Event.name == name)).one()
            assert left == "planned"


def test_what_names_an_event_that_is_told_of_later_waits_for_it_where_all_can_see(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_SECRET_KEY", "x" * 43 + "=")
    load_customers(engine)
    ours = hooks.Known(account(engine, "signed", NOW).id, "signed", ())

    def deliver(key: str, who: str, event: dict[str, str]) -> tuple[str, str | None]:
        raw = json.dumps({"email": who, "event": event}).encode()
        said = VENDORS["signed"].sort({"webhook-id": key}, raw, ())
        for _ in range(2):
            with transaction(engine) as session:
                hooks.store(session, ours, said, raw, now=NOW)
            work(engine, NOW)
            work(engine, NOW)
        with transaction(engine) as session:
            kept = select(HookDelivery.state, HookDelivery.error)
            state, error = session.execute(kept.where(HookDelivery.vendor_event_id == key)).one()
        return state, error

    told = {"name": "Partner day", "date": "2026-11-03"}
    state, error = deliver("m0", TOM, {"id": "evt_nothing"})
    assert (state, error) == ("failed", NO_EVENT)
    state, error = deliver("m1", TOM, {"id": "n7"})
    assert (state, error) == ("failed", UNKNOWN.format("n7"))
    assert deliver("m2", GRACE, {"name": "Other  Day"}) == (
        "failed", UNKNOWN.format("other day"),
    )  # fmt: skip
    assert deliver("m3", MARIA, told | {"id": "n7"}) == ("done", None)
    with transaction(engine) as session:
        record(session, [message(MARIA, {"name": "Other day"})], by=SYSTEM, now=NOW)
    work(engine, NOW)
    assert deliver("m4", MARIA, told | {"name": "Third", "id": "n8"}) == ("done", None)
    assert deliver("m5", TOM, {"id": "n8"}) == ("done", None)
    with transaction(engine) as session:
        states = session.execute(
            select(HookDelivery.vendor_event_id, HookDelivery.state).order_by(HookDelivery.id)
        ).all()
        came = session.execute(
            select(Event.name, func.count())
            .join(Attendance, Attendance.event_id == Event.id)
            .group_by(Event.name)
        ).all()
    assert [state for _, state in states] == ["failed", *["done"] * 5]
    assert {tuple(row) for row in came} == {("Partner day", 2), ("Other day", 2), ("Third", 2)}


def test_an_id_alone_means_the_event_that_the_same_message_tells_of(engine: Engine):
    load_customers(engine)
    dated = {"id": "n7", "name": "Partner day", "date": "2026-11-03"}
    both = [
        AttendanceRecord.model_validate({"email": who, "event": event})
        for who, event in ((TOM, {"id": "n7"}), (MARIA, dated))
    ]
    with transaction(engine) as session:
        answers = record(session, both, by=SYSTEM, now=NOW, form="signed").answers
        assert [one.verdict for one in answers] == ["matched", "matched"]
        assert session.scalars(select(Event.source_event_id)).all() == ["n7"]


def test_one_message_that_speaks_of_an_event_in_two_ways_makes_one_event(engine: Engine):
    load_customers(engine)
    both = [message(MARIA, {"type": "webinar"}), message(TOM, {"id": "n7"})]
    with transaction(engine) as session:
        record(session, both, by=SYSTEM, now=NOW)
        event = session.scalars(select(Event)).one()
        assert (event.type, event.source_event_id) == ("webinar", "n7")
