"""Attendance entered by hand: find the event and the people, say what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Customer, Event, Stakeholder, StakeholderEmail
from integrations.attendance_records import AttendanceRecord
from services.access import Viewer, visible
from services.ids import public_id
from services.uploads.entries import Recorded, record

MOST = 30
"""People at a time; more are quicker in a file."""
STATUSES = {
    "attended": "Attended",
    "no_show": "Registered, did not come",
    "registered": "Registered",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True)
class Choice:
    """A stakeholder or an event to choose, by its public id; `about` tells it from others of its name."""

    id: str
    name: str
    about: str


@dataclass(frozen=True)
class NewEvent:
    """An event that is not on record yet. `minutes` is its schedule. It is for the customers of those who
    are entered, unless it was open to `everybody`, or to everybody of `segments`."""

    name: str
    day: date
    type: str
    topic: str = ""
    minutes: int | None = None
    everybody: bool = False
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deed:
    """What one person did; None is not known. Somebody without `stakeholder` has a name or an address, and
    perhaps a customer."""

    stakeholder: str | None
    status: str = "attended"
    minutes: int | None = None
    questions: int | None = None
    polls: int | None = None
    downloads: int | None = None
    spoke: bool = False
    name: str = ""
    email: str = ""
    customer: str | None = None


def find_people(session: Session, by: Viewer, words: str, *, limit: int = 20) -> list[Choice]:
    """Stakeholders of `by`'s portfolio whose name, address or customer holds all the words."""
    whole = func.lower(Stakeholder.first_name + " " + Stakeholder.last_name)
    address = (
        select(func.min(StakeholderEmail.email))
        .where(StakeholderEmail.stakeholder_id == Stakeholder.id)
        .scalar_subquery()
    )
    statement = (
        select(
            Stakeholder.id, Stakeholder.first_name, Stakeholder.last_name, address, Customer.name
        )
        .join(Customer, Customer.id == Stakeholder.customer_id)
        .where(visible(by))
        .order_by(Stakeholder.first_name, Stakeholder.last_name, Stakeholder.id)
        .limit(limit)
    )
    for word in words.lower().split()[:5]:
        statement = statement.where(
            or_(
                whole.contains(word, autoescape=True),
                func.lower(Customer.name).contains(word, autoescape=True),
                select(StakeholderEmail.email)
                .where(
                    StakeholderEmail.stakeholder_id == Stakeholder.id,
                    StakeholderEmail.email.contains(word, autoescape=True),
                )
                .exists(),
            )
        )
    return [
        Choice(public_id("stakeholder", number), f"{first} {last}".strip() or email or "", company)
        for number, first, last, email, company in session.execute(statement)
    ]


def find_customers(session: Session, by: Viewer, words: str, *, limit: int = 20) -> list[Choice]:
    """For somebody who is not on record yet."""
    found = session.execute(
        select(Customer.id, Customer.name)
        .where(
            visible(by), func.lower(Customer.name).contains(words.lower().strip(), autoescape=True)
        )
        .order_by(Customer.name, Customer.id)
        .limit(limit)
    )
    return [Choice(public_id("customer", number), name, "") for number, name in found]


def find_events(session: Session, words: str, *, limit: int = 50) -> list[Choice]:
    """Events whose name holds all the words, the newest first."""
    statement = select(Event.id, Event.name, Event.held_on).where(Event.status != "cancelled")
    for word in words.lower().split()[:5]:
        statement = statement.where(Event.name_key.contains(word, autoescape=True))
    found = session.execute(statement.order_by(Event.held_on.desc(), Event.id.desc()).limit(limit))
    return [
        Choice(public_id("event", number), name, f"{day.day} {day:%B %Y}")
        for number, name, day in found
    ]


def segments_in_use(session: Session, by: Viewer) -> list[str]:
    """What an event can be open to."""
    named = select(Customer.segment).where(visible(by), Customer.segment.is_not(None)).distinct()
    return sorted(one for one in session.scalars(named.limit(500)) if one)


def enter(
    session: Session, event: str | NewEvent, deeds: Sequence[Deed], *, by: Viewer, now: datetime
) -> Recorded:
    """Record what these people did at an event on record (its public id) or a new one. BadInput says
    what is missing."""
    if not deeds:
        raise BadInput("Choose at least one person.")
    if len(deeds) > MOST:
        raise BadInput(f"Enter at most {MOST} people at a time, or upload a file.")
    said: dict[str, object] = {"id": event} if isinstance(event, str) else _event(event)
    records = [_record(said, deed) for deed in deeds]
    return record(session, records, by=by, now=now, form="manual")


def _event(event: NewEvent) -> dict[str, object]:
    if not event.name.strip():
        raise BadInput("Give the event a name.")
    return {
        "name": event.name.strip(),
        "type": event.type,
        "topic": event.topic.strip() or None,
        "date": event.day.isoformat(),
        "duration": event.minutes or None,
        "open_to": "all" if event.everybody or event.segments else "customers",
        "segments": list(event.segments),
    }


def _record(event: dict[str, object], deed: Deed) -> AttendanceRecord:
    if deed.stakeholder is None and not (deed.name.strip() or deed.email.strip()):
        raise BadInput("Give everybody a name or an e-mail address.")
    came = deed.status == "attended"
    try:
        return AttendanceRecord.model_validate(
            {
                "stakeholderId": deed.stakeholder,
                "customerId": deed.customer,
                "name": deed.name.strip() or None,
                "email": deed.email.strip() or None,
                "event": event,
                "attendance": {
                    "status": deed.status,
                    "duration": deed.minutes if came else None,
                    "questionsAsked": deed.questions if came else None,
                    "pollsAnswered": deed.polls if came else None,
                    "downloadsCount": deed.downloads if came else None,
                    "spoke": deed.spoke and came,
                },
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadInput(f"{first['loc'][-1]}: {first['msg']}") from None
