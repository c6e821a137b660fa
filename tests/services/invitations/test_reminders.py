from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, Event, Invitation, Registration, Touch
from services import drafts
from services.invitations import answers, catalogue
from services.invitations.calling_off import cancel_event
from services.invitations.records import REMINDER
from services.invitations.registrations import register, unregister
from services.invitations.reminders import A_DAY, begins, moment_before, remind, upcoming
from tests.services.drafts.world import open_it, queued
from tests.services.invitations.world import invited, summit
from tests.support.portfolio import Portfolio, portfolio

BERLIN, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Chicago")


@pytest.mark.parametrize("zone", [BERLIN, CHICAGO])
@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 30), datetime(2026, 10, 26), datetime(2026, 3, 9), datetime(2026, 11, 2)]  # noqa: DTZ001
)  # fmt: skip
def test_three_days_before_is_the_same_hour_on_the_clock_when_the_clocks_change(
    day: datetime, zone: ZoneInfo
):
    starts_at = day.replace(hour=10, tzinfo=zone)
    at = moment_before(starts_at.astimezone(UTC), zone.key, 3 * A_DAY)
    assert (
        at.astimezone(zone).isoformat()[:16] == (day - timedelta(days=3)).isoformat()[:11] + "10:00"
    )


def test_an_hour_before_is_an_hour_before_in_the_night_of_the_change():
    starts_at = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1).astimezone(UTC)
    assert starts_at - moment_before(starts_at, "Europe/Berlin", 60) == timedelta(hours=1)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["Europe/Berlin", "America/Chicago", "Australia/Lord_Howe", "UTC"]),
    st.integers(1, 14 * A_DAY),
)
def test_reminder_is_always_before_the_start(moment: datetime, zone: str, minutes: int):
    starts_at = moment.replace(tzinfo=UTC)
    before = starts_at - moment_before(starts_at, zone, minutes)
    assert abs(before - timedelta(minutes=minutes)) <= timedelta(hours=1)
    assert before > timedelta()


def test_words_say_how_long_it_is():
    said = [begins(one) for one in (3 * A_DAY, A_DAY, 60, 120, 90)]
    assert said == ["in 3 days", "tomorrow", "in an hour", "in 2 hours", "in 90 minutes"]


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


@pytest.fixture
def maria(session: Session, known: Portfolio, now: datetime) -> Invitation:
    event = summit(session, now + timedelta(days=5), known.dana)
    made = invited(session, known, event, known.maria, now)
    register(session, made, "virtual", source="link", now=now)
    drafts.cancel(session, made.draft_id or 0, "Registered already", now=now)
    return made


def reminders(session: Session) -> list[Draft]:
    return list(
        session.scalars(select(Draft).where(Draft.kind == REMINDER).order_by(Draft.not_before))
    )


def test_registrants_are_reminded_twice_and_each_time_once(
    session: Session, maria: Invitation, now: datetime
):
    assert upcoming(session, now) == [maria.event_id]
    assert remind(session, maria.event_id, now) == 2
    assert remind(session, maria.event_id, now) == 0
    event = session.get_one(Event, maria.event_id)
    first, second = reminders(session)
    assert first.not_before == event.starts_at - timedelta(days=3)
    assert second.not_before == event.starts_at - timedelta(hours=1)
    assert {one.expires_at for one in (first, second)} == {event.starts_at}
    assert "begins in 3 days" in first.text
    assert "https://join.example/summit" in second.text
    assert f"/r/{maria.token}" in second.text
    assert {one.state for one in (first, second)} == {"pending"}


def test_who_registers_late_is_reminded_of_what_is_still_to_come_only(
    session: Session, known: Portfolio, now: datetime
):
    event = summit(session, now + timedelta(days=2), known.dana, reminders=(3 * A_DAY, A_DAY))
    made = invited(session, known, event, known.tom, now)
    register(session, made, "in_person", source="link", now=now)
    assert remind(session, event, now) == 1
    (only,) = reminders(session)
    assert "begins tomorrow" in only.text
    assert "Austin" in only.text
    assert "join.example" not in only.text


def test_cancelled_people_moved_and_cancelled_events_are_not_reminded(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    remind(session, maria.event_id, now)
    plan = catalogue.plan_of(session, maria.event_id)
    moved = plan.starts_at + timedelta(days=1)
    ends = moved + timedelta(hours=2)
    later = catalogue.EventPlan(**{**plan.__dict__, "starts_at": moved, "ends_at": ends})
    catalogue.edit(session, maria.event_id, later, by=known.dana, now=now)
    assert remind(session, maria.event_id, now) == 2
    states = [one.state for one in reminders(session)]
    assert sorted(states) == ["cancelled", "cancelled", "pending", "pending"]
    unregister(session, maria, now=now)
    assert remind(session, maria.event_id, now) == 0
    assert {one.state for one in reminders(session)} == {"cancelled"}
    answers.answer(session, maria.token, "virtual", now=now)
    cancel_event(session, maria.event_id, "Off", by=known.dana, now=now)
    assert remind(session, maria.event_id, now) == 0
    assert {one.state for one in reminders(session)} == {"cancelled"}


def test_caps_hold_no_reminder_back_and_a_reminder_uses_none_up(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    for hours in (30, 60):
        session.add(Touch(customer_id=known.techcorp, stakeholder_id=known.maria, channel="mail",
                          kind="personal", what="Hello", at=now - timedelta(hours=hours)))  # fmt: skip
    session.flush()
    remind(session, maria.event_id, now)
    draft = reminders(session)[0]
    open_it(session, draft, known.dana, now)
    drafts.approve(session, draft.id, draft.revision, by=known.dana, now=now)
    assert [mail.due_at for mail in queued(session, draft.id)] == [draft.not_before]
    assert session.query(Registration).one().state == "registered"
