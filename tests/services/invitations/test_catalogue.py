from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data.errors import BadInput, FileRefused, InvalidMove, NotAllowed
from data.tables import Event, EventSession, Person
from services.access import SYSTEM
from services.invitations import catalogue
from services.invitations.catalogue import EventPlan, OfferPlan, SessionPlan, checks
from services.invitations.catalogue.programme import (
    EXAMPLE,
    import_programme,
    merged_with,
    read_programme,
)
from services.planners import rights
from tests.support.portfolio import portfolio

PACIFIC = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 3, 15, 9, tzinfo=PACIFIC)
SUMMIT = EventPlan(
    name="Customer Success Summit",
    type="conference",
    topic="Strategy",
    starts_at=START,
    ends_at=datetime(2026, 3, 16, 17, tzinfo=PACIFIC),
    zone="America/Los_Angeles",
    city="San Francisco",
    country="United States",
    capacity=400,
    industries=("SaaS", " SaaS", ""),
    sessions=(
        SessionPlan(
            "Scaling CS with AI Agents",
            speaker="Dana Fox",
            starts_at=datetime(2026, 3, 15, 14, tzinfo=PACIFIC),
            minutes=45,
        ),
    ),
    offers=(OfferPlan("20 % partner discount", code="CS20", deadline=date(2026, 2, 15)),),
)


def test_event_is_kept_as_it_was_planned_with_its_city_on_the_map(session: Session, now: datetime):
    known = portfolio(session, now)
    number = catalogue.create(session, SUMMIT, by=known.dana, now=now)
    event = session.get_one(Event, number)
    assert (event.status, event.source, event.held_on) == ("planned", "generic", date(2026, 3, 15))
    assert event.latitude == pytest.approx(37.77, abs=0.05)
    assert event.longitude == pytest.approx(-122.42, abs=0.05)
    assert event.duration_minutes is None  # over two days: nobody is there all the time
    kept = catalogue.plan_of(session, number)
    assert kept.industries == ("SaaS",)
    assert kept.sessions[0].starts_at == SUMMIT.sessions[0].starts_at
    assert kept.offers[0].deadline == date(2026, 2, 15)


def test_editing_keeps_what_the_plan_does_not_speak_of(session: Session, now: datetime):
    known = portfolio(session, now)
    number = catalogue.create(session, SUMMIT, by=known.dana, now=now)
    row = session.query(EventSession).one()
    row.takeaways = ["Start small."]
    session.flush()
    plan = catalogue.plan_of(session, number)
    more = EventPlan(**{**plan.__dict__, "sessions": (*plan.sessions, SessionPlan("Closing"))})
    catalogue.edit(session, number, more, by=known.dana, now=now)
    rows = session.query(EventSession).order_by(EventSession.position).all()
    assert (rows[0].id, rows[0].title) == (row.id, "Scaling CS with AI Agents")
    assert rows[0].takeaways == ["Start small."]
    with pytest.raises(NotAllowed, match="an admin or Dana Example, who planned it, can change"):
        catalogue.edit(session, number, more, by=known.erik, now=now)
    session.get_one(Event, number).status = "held"
    for other in ({"name": "Another"}, {"starts_at": START - timedelta(hours=1)}):
        with pytest.raises(InvalidMove, match="has been held"):
            catalogue.edit(session, number, replace(more, **other), by=known.dana, now=now)
    catalogue.edit(session, number, replace(more, capacity=9), by=known.dana, now=now)
    session.get_one(Event, number).status = "cancelled"
    with pytest.raises(InvalidMove):
        catalogue.edit(session, number, more, by=known.dana, now=now)


def test_event_that_a_file_brought_is_theirs_who_first_work_on_it(session: Session, now: datetime):
    known = portfolio(session, now)
    number = catalogue.create(session, SUMMIT, by=SYSTEM, now=now)
    plan = catalogue.plan_of(session, number)
    assert rights(session, known.erik, number).changes
    catalogue.edit(session, number, replace(plan, capacity=9), by=known.dana, now=now)
    with pytest.raises(
        NotAllowed, match="or Dana Example, who was the first to work on it, can ch"
    ):
        catalogue.edit(session, number, replace(plan, capacity=1), by=known.erik, now=now)
    dana, ada = (rights(session, who, number) for who in (known.dana, known.ada))
    assert (dana.changes, dana.cancels, ada.changes, ada.cancels) == (True, True, True, True)
    assert known.dana.person_id is not None
    session.get_one(Person, known.dana.person_id).active = False
    session.flush()
    assert rights(session, known.erik, number).changes


def test_hour_that_clocks_repeat_is_told_apart_from_a_move_and_counted(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    night = datetime(2027, 11, 7, 1, 30, tzinfo=PACIFIC)
    plan = EventPlan(
        "Night", night, ends_at=datetime(2027, 11, 7, 4, 30, tzinfo=PACIFIC), zone=PACIFIC.key
    )
    number = catalogue.create(session, plan, by=known.dana, now=now)
    assert session.get_one(Event, number).duration_minutes == 240
    catalogue.edit(session, number, replace(plan, topic="Sleep"), by=known.dana, now=now)
    assert session.get_one(Event, number).moved_at is None
    raw = b"Title,Starts\nA,01:30\n"
    for _ in range(2):
        import_programme(session, number, raw, by=known.dana, now=now)
    assert len(catalogue.sessions_of(session, number)) == 1


def test_hour_that_clocks_leave_out_and_marks_that_cannot_be_kept_are_refused_by_line():
    night = datetime(2027, 3, 14, 1, tzinfo=PACIFIC)
    plan = EventPlan("Gap", night, ends_at=night + timedelta(hours=5), zone=PACIFIC.key)
    raw = b'Title,Starts\nGap,02:30\na\x00b,\n"Two\nlines",03:30\n'
    found = read_programme(raw, plan)
    assert [line for line, _ in found.problems] == [2, 3]
    assert "no 02:30 on 2027-03-14" in found.problems[0][1]
    assert [one.title for one in found.sessions] == ["Two lines"]


def test_copy_keeps_the_hour_on_the_clock_over_a_change_of_the_clocks(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    number = catalogue.create(session, SUMMIT, by=known.dana, now=now)
    winter = datetime(2026, 11, 15, 9, tzinfo=PACIFIC)  # another offset than in March
    copy = catalogue.plan_of(
        session, catalogue.duplicate(session, number, winter, by=known.dana, now=now)
    )
    talk = copy.sessions[0].starts_at
    assert talk is not None
    assert copy.ends_at is not None
    assert talk.astimezone(PACIFIC).isoformat() == "2026-11-15T14:00:00-08:00"
    assert copy.ends_at.astimezone(PACIFIC).isoformat() == "2026-11-16T17:00:00-08:00"
    assert copy.offers[0].deadline == date(2026, 10, 18)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"type": "party"},
        {"zone": "Mars/Phobos"},
        {"ends_at": START},
        {"starts_at": datetime(2026, 3, 15, 9)},  # noqa: DTZ001
        {"virtual": False, "city": None},
        {"latitude": 91.0, "longitude": 0.0},
        {"latitude": 1.0, "longitude": None},
        {"capacity": 0},
        {"registration_url": "javascript:alert(1)"},
        {"reminders": (0,)},
        {"sessions": (SessionPlan("Late", starts_at=START + timedelta(days=9)),)},
        {"offers": (OfferPlan(""),)},
    ],
)
def test_plan_that_makes_no_sense_is_refused(wrong: dict[str, object]):
    with pytest.raises(BadInput):
        checks.check(EventPlan(**{**SUMMIT.__dict__, **wrong}))


def test_programme_is_read_from_a_file_and_twice_is_as_once(session: Session, now: datetime):
    known = portfolio(session, now)
    number = catalogue.create(session, SUMMIT, by=known.dana, now=now)
    raw = (EXAMPLE + "Closing;ignored,,Keynote,,,2026-03-16T16:00,60,,\n").encode("utf-8-sig")
    for _ in range(2):
        done = import_programme(session, number, raw, by=known.dana, now=now)
        assert done.problems == ()
    kept = catalogue.sessions_of(session, number)
    assert [one.title for one in kept] == ["Scaling CS with AI Agents", "Closing;ignored"]
    assert kept[0].topics == ("AI", "Scaling")
    assert kept[0].virtual is True
    assert kept[1].starts_at == datetime(2026, 3, 16, 16, tzinfo=PACIFIC)


def test_file_with_a_wrong_line_changes_nothing_and_names_the_line(session: Session, now: datetime):
    known = portfolio(session, now)
    number = catalogue.create(session, SUMMIT, by=known.dana, now=now)
    raw = b"Session;Start;Minutes\nGood;10:00;30\nBad;25:00;30\nWorse;10:00;many\n"
    done = import_programme(session, number, raw, by=known.dana, now=now)
    assert [line for line, _ in done.problems] == [3, 4]
    assert len(catalogue.sessions_of(session, number)) == 1
    with pytest.raises(FileRefused):
        read_programme(b"Speaker\nDana", SUMMIT)


@given(st.binary(max_size=200))
def test_programme_takes_any_bytes_or_says_why_not(raw: bytes):
    titles: list[str] = []
    with suppress(FileRefused):
        titles = [one.title for one in read_programme(b"Title,Starts\n" + raw, SUMMIT).sessions]
    assert all(titles)


@given(st.permutations(["a", "b", "c"]), st.permutations(["b", "c", "d"]))
def test_merging_depends_on_no_order(first: list[str], second: list[str]):
    known = [SessionPlan(name, id=number) for number, name in enumerate(first, 1)]
    merged = merged_with(known, [SessionPlan(name) for name in second])
    ids = {one.title: one.id for one in known}
    assert {one.title: one.id for one in merged} == {**ids, "d": 0}


def test_event_is_over_when_its_last_day_is():
    night = datetime(2026, 3, 16, 2, tzinfo=UTC)
    said = (START, SUMMIT.ends_at, None)
    assert catalogue.state_of("planned", *said, START - timedelta(seconds=1)) == "planned"
    assert catalogue.state_of("planned", *said, night) == "under_way"
    assert catalogue.state_of("planned", *said, START + timedelta(days=2)) == "over"
    assert catalogue.state_of("cancelled", *said, night) == "cancelled"
