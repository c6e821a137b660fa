"""What people who are registered are told when an event is off, or at another time or place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotAllowed
from data.tables import (
    Draft,
    DraftAttachment,
    Event,
    Invitation,
    OutboxMail,
    Registration,
    Stakeholder,
    Task,
)
from services import drafts
from services.invitations import answers, catalogue, strangers
from services.invitations.calling_off import cancel_event
from services.invitations.entry import uid_of
from services.invitations.funnel import funnel
from services.invitations.inviting import invite_many
from services.invitations.moving import Changed, change
from services.invitations.notices import due, tell
from services.invitations.records import CALLED_OFF, INVITATION, MOVED, REMINDER
from services.invitations.registrations import register
from services.invitations.reminders import remind
from tests.services.drafts.world import open_it, queued
from tests.services.invitations.world import invited, sent, summit
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


@pytest.fixture
def maria(session: Session, known: Portfolio, now: datetime) -> Invitation:
    """Registered for a summit in five days; her invitation is of no further concern."""
    event = summit(session, now + timedelta(days=5), known.dana)
    made = invited(session, known, event, known.maria, now)
    register(session, made, "virtual", source="link", now=now)
    drafts.cancel(session, made.draft_id or 0, "Registered already", now=now)
    return made


def notes(session: Session, kind: str, *states: str) -> list[Draft]:
    wanted = select(Draft).where(Draft.kind == kind).order_by(Draft.id)
    return [one for one in session.scalars(wanted) if not states or one.state in states]


def entry(session: Session, draft: Draft) -> tuple[str, Any]:
    """Method and entry of the attached calendar file."""
    file = session.query(DraftAttachment).filter_by(draft_id=draft.id).one()
    calendar = icalendar.Calendar.from_ical(file.content)
    assert f"method={calendar['METHOD']}" in file.content_type
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]


def moved(session: Session, event: int, known: Portfolio, now: datetime, days: int) -> Changed:
    plan = catalogue.plan_of(session, event)
    starts, ends = plan.starts_at + timedelta(days=days), plan.ends_at
    later = replace(plan, starts_at=starts, ends_at=ends + timedelta(days=days) if ends else None)
    return change(session, event, later, by=known.dana, now=now)


def test_cancelled_event_is_told_to_who_is_registered_once_and_takes_the_entry_back(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    tom = invited(session, known, maria.event_id, known.tom, now)  # was asked, has not answered
    remind(session, maria.event_id, now)
    done = cancel_event(session, maria.event_id, "The venue is flooded.", by=known.dana, now=now)
    assert (done.withdrawn, done.told.drafts, done.told.unknown) == (3, 1, 0)
    (note,) = notes(session, CALLED_OFF)
    assert (note.stakeholder_id, note.state) == (known.maria, "pending")
    assert "will not take place" in note.text
    assert "The venue is flooded." in note.text
    method, shown = entry(session, note)
    assert (method, shown["STATUS"], int(shown["SEQUENCE"])) == ("CANCEL", "CANCELLED", 1)
    assert shown["UID"] == uid_of(maria.token)
    assert maria.token not in shown["UID"]  # whoever sees a calendar could answer with it
    assert shown["ORGANIZER"].lower().startswith("mailto:dana@")
    assert {one.state for one in notes(session, REMINDER)} == {"cancelled"}
    assert tom.state == "withdrawn"
    assert due(session, now) == [maria.event_id]
    assert tell(session, maria.event_id, now).drafts == 0
    assert tell(session, maria.event_id, now + timedelta(days=6)).drafts == 0
    page = icalendar.Calendar.from_ical(answers.calendar(session, maria.token, now))
    assert page.walk("VEVENT")[0]["STATUS"] == "CANCELLED"


def test_note_waits_for_a_person_and_no_cap_holds_it_back(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    cancel_event(session, maria.event_id, "Too few", by=known.dana, now=now)
    (note,) = notes(session, CALLED_OFF)
    assert session.query(OutboxMail).count() == 0
    open_it(session, note, known.dana, now)
    assert drafts.preflight(session, note, now) == []
    drafts.approve(session, note.id, note.revision, by=known.dana, now=now)
    assert [mail.state for mail in queued(session, note.id)] == ["queued"]


def test_moved_event_is_told_with_an_entry_that_replaces_the_first(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    remind(session, maria.event_id, now)
    done = moved(session, maria.event_id, known, now, 7)
    assert (done.withdrawn, done.told and done.told.drafts) == (2, 1)
    (note,) = notes(session, MOVED)
    event = session.get_one(Event, maria.event_id)
    assert note.subject == "New date: Customer Success Summit"
    assert "Before: Thursday 26 November 2026" in note.text
    assert f"/r/{maria.token}" in note.text
    method, shown = entry(session, note)
    assert (method, int(shown["SEQUENCE"])) == ("PUBLISH", 1)
    assert (shown["UID"], shown["DTSTART"].dt) == (uid_of(maria.token), event.starts_at)
    # Again before anybody has approved it: one note with what they know, not two.
    moved(session, maria.event_id, known, now + timedelta(hours=1), 7)
    assert [one.state for one in notes(session, MOVED)] == ["cancelled", "pending"]
    assert "Before: Thursday 26 November 2026" in notes(session, MOVED)[-1].text
    assert int(entry(session, notes(session, MOVED)[-1])[1]["SEQUENCE"]) == 2
    # And back: there is nothing to tell any more.
    moved(session, maria.event_id, known, now + timedelta(hours=2), -14)
    assert notes(session, MOVED, "pending") == []


def test_several_days_are_told_with_their_hours_and_an_earlier_start_is_a_new_date(
    session: Session, known: Portfolio, now: datetime
):
    start = now + timedelta(days=5)
    ends = start + timedelta(days=1, hours=4)
    event = summit(session, start, known.dana, ends_at=ends)
    maria = invited(session, known, event, known.maria, now)
    register(session, maria, "in_person", source="link", now=now)
    earlier = replace(catalogue.plan_of(session, event), starts_at=start - timedelta(hours=3))
    change(session, event, earlier, by=known.dana, now=now)
    (note,) = notes(session, MOVED)
    assert note.subject == "New date: Customer Success Summit"
    told = "Thursday 26, {} – Friday 27 November 2026, 10:00 (America/Chicago)"
    assert told.format("03:00") in note.text
    assert f"Before: {told.format('06:00')}, Austin" in note.text


def test_only_those_who_were_registered_before_are_told_of_a_move(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    plan = catalogue.plan_of(session, maria.event_id)
    after = now + timedelta(hours=1)
    there = replace(plan, place="Moscone Center", city="San Francisco")
    assert change(session, maria.event_id, there, by=known.dana, now=after).told
    tom = invited(session, known, maria.event_id, known.tom, after)
    register(session, tom, "in_person", source="link", now=after + timedelta(minutes=1))
    assert tell(session, maria.event_id, after).drafts == 0
    (note,) = notes(session, MOVED)
    assert (note.stakeholder_id, note.subject) == (
        known.maria, "New place: Customer Success Summit",
    )  # fmt: skip
    # What changes nothing of time and place is told to nobody.
    said = replace(there, description="Bring a friend.", capacity=50, zone="America/New_York")
    done = change(session, maria.event_id, said, by=known.dana, now=after)
    assert (done.withdrawn, done.told) == (0, None)
    # A slip of the year would leave everybody with the old date.
    long_ago = replace(said, starts_at=now - timedelta(days=300), ends_at=None, sessions=())
    with pytest.raises(BadInput, match="in the past, and people are invited"):
        change(session, maria.event_id, long_ago, by=known.dana, now=after)


def test_link_to_join_that_changes_is_put_into_reminders_anew(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    remind(session, maria.event_id, now)
    plan = replace(catalogue.plan_of(session, maria.event_id), join_url="https://other.example/1")
    change(session, maria.event_id, plan, by=known.dana, now=now)
    assert remind(session, maria.event_id, now) == 2
    assert all("other.example" in one.text for one in notes(session, REMINDER, "pending"))
    assert len(notes(session, REMINDER, "cancelled")) == 2


def test_invitations_with_the_old_date_are_written_anew_and_need_approval_again(
    session: Session, known: Portfolio, now: datetime
):
    event = summit(session, now + timedelta(days=40), known.dana)
    made = invite_many(session, event, [known.techcorp], by=known.dana, now=now)
    draft = session.get_one(Draft, made.draft_ids[0])
    open_it(session, draft, known.dana, now)
    drafts.approve(session, draft.id, draft.revision, by=known.dana, now=now)
    invitation = session.get_one(Invitation, made.invitation_ids[0])
    how = (invitation.arm, invitation.propensity, invitation.created_by) = (
        "explored", 0.05, known.dana.person_id,
    )  # fmt: skip
    session.flush()
    done = moved(session, event, known, now + timedelta(hours=1), 7)
    assert (done.withdrawn, done.anew) == (1, 1)
    assert (invitation.arm, invitation.propensity, invitation.created_by) == how
    assert [mail.state for mail in queued(session, draft.id)] == ["cancelled"]
    old, new = notes(session, INVITATION)
    assert (old.state, new.state) == ("cancelled", "pending")
    assert "7 January 2027" in new.text
    assert (invitation.draft_id, invitation.state) == (new.id, "drafted")


def test_who_cannot_be_written_to_is_to_be_called_and_strangers_are_counted(
    session: Session, known: Portfolio, maria: Invitation, now: datetime
):
    session.get_one(Stakeholder, known.maria).unsubscribed = True
    rest: dict[str, Any] = {
        "event_id": maria.event_id,
        "source": "file",
        "at": now,
        "updated_at": now,
    }
    session.add(Registration(email="x@nobody.example", **rest))
    session.add(Registration(email="noa@techcorp.example", name="Noa New", customer_id=known.techcorp, **rest))  # fmt: skip
    tom = invited(session, known, maria.event_id, known.tom, now)
    sent(session, tom, now)
    tom.waits_since = now
    session.flush()
    assert [strangers.ask_to_add(session, maria.event_id, now) for _ in range(2)] == [1, 0]
    task = session.query(Task).one()
    assert task.title == "Add Noa New as a stakeholder: registered for Customer Success Summit"
    assert funnel(session, known.dana, maria.event_id, now).strangers == 1
    assert funnel(session, known.erik, maria.event_id, now).strangers == 0
    with pytest.raises(NotAllowed, match="an admin or Dana Example, who planned it, can cancel"):
        cancel_event(session, maria.event_id, "Mine now", by=known.erik, now=now)
    told = cancel_event(session, maria.event_id, "Too few", by=known.dana, now=now).told
    assert (told.drafts, told.calls, told.unknown, told.waiting) == (0, 2, 1, 1)
    tasks = session.query(Task).filter_by(state="open").order_by(Task.title).all()
    assert [one.title for one in tasks] == [
        "Tell Maria Lopez that Customer Success Summit is cancelled",
        "Tell Noa New that Customer Success Summit is cancelled",
        "Tell Tom Baker that Customer Success Summit is cancelled",
    ]
    assert {one.owner_id for one in tasks} == {known.dana.person_id}


@pytest.mark.parametrize(
    ("chosen", "left", "words"),
    [
        ("in_person", {"city": None, "country": None}, "yours is an online seat."),
        ("virtual", {"virtual": False}, "yours is now one in person."),
    ],
)
def test_a_kind_of_seat_that_is_no_more_becomes_the_other_and_is_told(
    session: Session, known: Portfolio, now: datetime, chosen: str, left: dict[str, Any], words: str
):
    event = summit(session, now + timedelta(days=5), known.dana)
    maria = invited(session, known, event, known.maria, now)
    register(session, maria, chosen, source="link", now=now)
    plan = replace(catalogue.plan_of(session, event), latitude=None, longitude=None, **left)
    change(session, event, plan, by=known.dana, now=now)
    (note,) = notes(session, MOVED)
    assert words in note.text
    assert "is kept" not in note.text
    remind(session, event, now)
    online = chosen == "in_person"
    assert {"Join here" in one.text for one in notes(session, REMINDER)} == {online}
    other = "virtual" if online else "in_person"
    assert answers.page(session, maria.token, now).answer == other
