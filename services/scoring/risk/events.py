"""What can be said to a customer who fades: where they were seen last, what is coming, what they want."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.tables import Attendance, Customer, Event, Participant
from data.tables.events import ATTENDED, SELF_PACED
from services.scoring.attended import COUNTED_BAND

MOST_UPCOMING = 2
MOST_PLANNED = 50


@dataclass(frozen=True)
class Background:
    """`opening` is the mail's first sentence and `seen` the fact that it rests on."""

    opening: str
    seen: str
    goal: str
    upcoming: tuple[str, ...]


def backgrounds(
    session: Session, missed: Mapping[int, int], customers: Sequence[Customer], today: date
) -> dict[int, Background]:
    """By customer; `missed` is how many events in a row each has missed."""
    last = _last_seen(session, [customer.id for customer in customers], today)
    planned = session.scalars(
        select(Event)
        .where(Event.status == "planned", Event.held_on > today, Event.private.is_not(True))
        .order_by(Event.held_on, Event.id)
        .limit(MOST_PLANNED)
    ).all()
    return {c.id: _background(c, missed[c.id], last.get(c.id), planned) for c in customers}


def _background(
    customer: Customer, missed: int, last: tuple[str, date] | None, planned: Sequence[Event]
) -> Background:
    fitting = [
        f"{event.name}, {_day(event.held_on)}"
        for event in planned
        if _admits(event.segments, customer.segment) and _admits(event.regions, customer.region)
    ]
    goal = customer.goals[0] if customer.goals else ""
    coming = tuple(fitting[:MOST_UPCOMING])
    if last is None:
        opening = "It has been a while since we last met at one of our events."
        return Background(opening, "Nothing attended is on record.", goal, coming)
    name, held_on = last
    since = "Since then we have missed you." if missed else "We see you less often than we used to."
    opening = (
        f"It was good to have your team at our events, last at “{name}” on {_day(held_on)}. {since}"
    )
    seen = f"Last attended: {name}, {held_on.isoformat()}. Events missed since: {missed}."
    return Background(opening, seen, goal, coming)


def _last_seen(
    session: Session, customer_ids: Sequence[int], today: date
) -> dict[int, tuple[str, date]]:
    course = Event.source.in_(SELF_PACED) & Attendance.joined_at.is_not(None)
    finished_at = case((course, Attendance.joined_at))
    ranked = (
        select(
            Participant.customer_id.label("customer_id"),
            Event.name.label("name"),
            Event.held_on.label("held_on"),
            Event.time_zone.label("zone"),
            finished_at.label("finished_at"),
            func.row_number()
            .over(
                partition_by=Participant.customer_id,
                order_by=(func.coalesce(finished_at, Event.starts_at).desc(), Event.id.desc()),
            )
            .label("place"),
        )
        .join(Attendance, Attendance.participant_id == Participant.id)
        .join(Event, Event.id == Attendance.event_id)
        .where(
            Participant.customer_id.in_(customer_ids),
            Participant.band == COUNTED_BAND,
            Attendance.status == ATTENDED,
            Event.status == "held",
            Event.held_on <= today,
        )
        .subquery()
    )
    rows = session.execute(
        select(
            ranked.c.customer_id,
            ranked.c.name,
            ranked.c.held_on,
            ranked.c.zone,
            ranked.c.finished_at,
        ).where(ranked.c.place == 1)
    )
    return {
        number: (name, at.astimezone(ZoneInfo(zone)).date() if at else held_on)
        for number, name, held_on, zone, at in rows
    }


def _admits(audience: list[str] | None, own: str | None) -> bool:
    return not audience or own in audience


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
