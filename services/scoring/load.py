"""What the score is made of, read from the tables as the frames `score_customers` wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables.customers import Customer
from data.tables.events import ATTENDED, SELF_PACED, Attendance, Event, Participant
from services.private import only_for
from services.scoring.attended import COUNTED_BAND, Attended, load_attended
from services.scoring.courses import finished, on_their_days
from services.scoring.supply import WINDOW_DAYS

ATTENDANCE_SCHEMA = {
    "customer_id": pl.Int64,
    "event_id": pl.Int64,
    "participant_id": pl.Int64,
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
}
EVENT_SCHEMA = {
    "event_id": pl.Int64,
    "held_on": pl.Date,
    "type": pl.Utf8,
    "scheduled_minutes": pl.Float32,
    "polls_asked": pl.Int32,
    "segments": pl.List(pl.Utf8),
    "regions": pl.List(pl.Utf8),
    "only": pl.List(pl.Int64),
}
CUSTOMER_SCHEMA = {
    "customer_id": pl.Int64,
    "segment": pl.Utf8,
    "region": pl.Utf8,
    "started_on": pl.Date,
}


@dataclass(frozen=True)
class Facts:
    """The three frames of `score_customers`; columns and types as in the schemas above. Courses are laid
    on the days they were finished: see services.scoring.courses."""

    attendances: pl.DataFrame
    events: pl.DataFrame
    customers: pl.DataFrame


def load_facts(
    session: Session, *, as_of: date | None = None, attended: Attended | None = None
) -> Facts:
    """Everything on record, or what can matter on `as_of`: the events of the two years before it.

    `attended`: who attended what, where the caller has it at hand.
    """
    events = _load_events(session, as_of)
    statement = select(Customer.id, Customer.segment, Customer.region, Customer.started_on)
    customers = read_frame(session, statement.order_by(Customer.id), CUSTOMER_SCHEMA)
    known = attended or load_attended(session)
    attendances = (
        known.rows.join(events.select("event_id"), on="event_id", how="semi")
        .join(known.people, on="participant_id")
        .select(*ATTENDANCE_SCHEMA)
    )
    return _on_their_days(Facts(attendances, events, customers), finished(session), as_of)


def load_facts_of(session: Session, customer_id: int, *, as_of: date) -> Facts:
    """As `load_facts` for the attendances of one customer, which is all that `history` needs."""
    rows = (
        select(
            Participant.customer_id,
            Attendance.event_id,
            Attendance.participant_id,
            Attendance.minutes,
            Attendance.questions,
            Attendance.polls,
            Attendance.downloads,
            Attendance.feedback,
            Attendance.spoke,
        )
        .join(Participant, Participant.id == Attendance.participant_id)
        .where(
            Participant.customer_id == customer_id,
            Participant.band == COUNTED_BAND,
            Attendance.status == ATTENDED,
        )
    )
    holder = select(Customer.id, Customer.segment, Customer.region, Customer.started_on)
    facts = Facts(
        read_frame(session, rows, ATTENDANCE_SCHEMA),
        _load_events(session, as_of),
        read_frame(session, holder.where(Customer.id == customer_id), CUSTOMER_SCHEMA),
    )
    own = select(Participant.id).where(Participant.customer_id == customer_id)
    done = finished(session, Attendance.participant_id.in_(own))
    return _on_their_days(facts, done, as_of)


def _on_their_days(facts: Facts, done: pl.DataFrame, as_of: date | None) -> Facts:
    seats, events = on_their_days(facts.attendances, facts.events, done)
    if as_of is not None:
        events = events.filter(_of_two_years(as_of))
        seats = seats.join(events.select("event_id"), on="event_id", how="semi")
    return Facts(seats, events, facts.customers)


def _of_two_years(as_of: date) -> pl.Expr:
    """The year before the window is only asked whether anybody came at all."""
    day = pl.col("held_on")
    return (day <= as_of) & (day > as_of - timedelta(days=2 * WINDOW_DAYS))


def _load_events(session: Session, as_of: date | None = None) -> pl.DataFrame:
    """Events held, as EVENT_SCHEMA; with `as_of` those of the two years up to it, and every course, which
    may have been finished in them.

    `only`: of a private event the customers that were there, registered or invited; null of all others.
    """
    statement = select(
        Event.id,
        Event.held_on,
        Event.type,
        Event.duration_minutes,
        Event.polls_asked,
        Event.segments,
        Event.regions,
    ).where(Event.status == "held")
    if as_of is not None:
        since = as_of - timedelta(days=2 * WINDOW_DAYS)
        late = Event.source.in_(SELF_PACED)
        statement = statement.where(or_(Event.held_on <= as_of, late))
        statement = statement.where(or_(Event.held_on > since, late))
    schema = {name: kind for name, kind in EVENT_SCHEMA.items() if name != "only"}
    events = read_frame(session, statement, schema)
    return events.join(only_for(session), on="event_id", how="left", maintain_order="left")
