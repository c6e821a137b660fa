from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Draft, Invitation, Notification, Registration, TimelineEntry
from services import drafts
from services.invitations import answers
from services.invitations.calling_off import cancel_event
from services.invitations.catalogue import SessionPlan
from services.invitations.records import SEAT_FREE
from services.invitations.waiting_list import offer_seats, waiting
from tests.services.drafts.world import new_draft, open_it, queued
from tests.services.invitations.world import invited, sent, summit
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


@pytest.fixture
def maria(session: Session, known: Portfolio, now: datetime) -> Invitation:
    programme = (SessionPlan("AI Agents"),)
    event = summit(session, now + timedelta(days=20), known.dana, sessions=programme)
    made = invited(
        session, known, event, known.maria, now,
        sessions=[{"session_id": 1, "title": "AI Agents", "why": "You work on automation."}],
    )  # fmt: skip
    sent(session, made, now)
    return made


def test_page_shows_what_the_person_is_asked_to(session: Session, maria: Invitation, now: datetime):
    page = answers.page(session, maria.token, now)
    assert (page.event, page.first_name) == ("Customer Success Summit", "Maria")
    assert page.when == "Friday 11 December 2026, 06:00–08:00 (America/Chicago)"
    assert page.where == "Austin, United States, or online"
    assert page.sessions[0].why == "You work on automation."
    assert (page.answer, page.closed) == (None, None)
    with pytest.raises(NotFound):
        answers.page(session, "x" * 34, now)


def test_pressing_yes_registers_once_and_tells_the_csm(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    for _ in range(2):
        answers.answer(session, maria.token, "in_person", now=now)
    row = session.query(Registration).one()
    assert (row.source, row.seat, row.state) == ("link", "in_person", "registered")
    assert (row.invitation_id, maria.state) == (maria.id, "registered")
    told = session.query(Notification).filter_by(kind="invitation_answered").one()
    assert told.title == "Maria Lopez registered for Customer Success Summit"
    assert session.query(TimelineEntry).count() == 1
    assert answers.page(session, maria.token, now).answer == "in_person"
    assert b"DTSTART;TZID=America/Chicago:20261211T060000" in answers.calendar(
        session, maria.token, now
    )


def test_no_with_a_reason_withdraws_what_still_waits_for_the_person(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    answers.answer(session, maria.token, "virtual", now=now)
    waiting = drafts.create(
        session,
        new_draft(known, "reminder", kind="event_reminder", source_id=maria.event_id, may_hold=False),
        now=now,
    )  # fmt: skip
    answers.answer(session, maria.token, "decline", "  On   leave. ", now=now)
    assert (maria.state, maria.declined_why) == ("declined", "On leave.")
    assert session.query(Registration).one().state == "cancelled"
    assert session.get_one(Draft, waiting).state == "cancelled"
    answers.answer(session, maria.token, "virtual", now=now)
    assert (maria.state, maria.declined_why) == ("registered", None)


def test_nobody_answers_for_an_event_that_is_over_or_off(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    late = now + timedelta(days=30)
    with pytest.raises(InvalidMove):
        answers.answer(session, maria.token, "virtual", now=late)
    assert answers.page(session, maria.token, late).closed == "This event is over."
    with pytest.raises(BadInput):
        answers.answer(session, maria.token, "perhaps", now=now)
    cancel_event(session, maria.event_id, "The venue flooded", by=known.dana, now=now)
    assert answers.page(session, maria.token, now).closed == "This event has been cancelled."
    with pytest.raises(InvalidMove):
        answers.answer(session, maria.token, "virtual", now=now)


def test_waiting_list_is_told_of_a_free_seat_in_its_order(
    session: Session, known: Portfolio, now: datetime
):
    event = summit(session, now + timedelta(days=20), known.dana, capacity=1)
    maria, tom, ines = (
        invited(session, known, event, who, now) for who in (known.maria, known.tom, known.ines)
    )
    answers.answer(session, maria.token, "virtual", now=now)
    assert answers.page(session, tom.token, now).full
    assert not answers.page(session, maria.token, now).full
    with pytest.raises(InvalidMove):
        answers.answer(session, tom.token, "virtual", now=now)
    for minutes, one in ((1, tom), (2, ines), (3, tom)):
        answers.answer(session, one.token, "wait", now=now + timedelta(minutes=minutes))
    assert answers.page(session, tom.token, now).answer == "waits"
    with pytest.raises(InvalidMove):  # who has a seat does not wait for one
        answers.answer(session, maria.token, "wait", now=now)
    assert session.query(Draft).filter_by(kind=SEAT_FREE).all() == []
    answers.answer(session, maria.token, "decline", now=now)
    offer_seats(session, event, now)
    note = session.query(Draft).filter_by(kind=SEAT_FREE).one()
    assert (note.stakeholder_id, note.state) == (known.tom, "pending")
    answers.answer(session, tom.token, "decline", now=now)
    first, second = session.query(Draft).filter_by(kind=SEAT_FREE).order_by(Draft.id).all()
    assert (first.state, second.stakeholder_id) == ("cancelled", known.ines)
    answers.answer(session, ines.token, "in_person", now=now)
    assert (ines.waits_since, waiting(session, now)) == (None, [])


def test_cancelled_event_takes_its_mails_out_of_the_queue(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    tom = invited(session, known, maria.event_id, known.tom, now)
    ines = invited(session, known, maria.event_id, known.ines, now)
    draft = session.get_one(Draft, tom.draft_id)
    open_it(session, draft, known.dana, now)
    drafts.approve(session, draft.id, draft.revision, by=known.dana, now=now)
    assert [mail.state for mail in queued(session, draft.id)] == ["queued"]
    with pytest.raises(BadInput):
        cancel_event(session, maria.event_id, " ", by=known.dana, now=now)
    done = cancel_event(session, maria.event_id, "Too few", by=known.dana, now=now)
    assert (done.withdrawn, done.told.drafts) == (2, 0)  # nobody is registered
    assert [mail.state for mail in queued(session, draft.id)] == ["cancelled"]
    assert (maria.state, tom.state, ines.state) == ("sent", "withdrawn", "withdrawn")
    with pytest.raises(InvalidMove):
        cancel_event(session, maria.event_id, "Again", by=known.dana, now=now)
