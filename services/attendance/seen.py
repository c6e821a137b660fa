"""What is on record of customers' people at events: the rows that levels, topics and training are made of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Attendance, Event, EventSession, Participant
from data.tables.events import STATUS_WORDS
from services.seats import COUNTED_BAND, load_attended

SCHEMA: dict[str, Any] = {
    "participant_id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "name": pl.String,
    "email": pl.String,
    "event_id": pl.Int64,
    "event": pl.String,
    "type": pl.String,
    "topic": pl.String,
    "held_on": pl.Date,
    "scheduled_minutes": pl.Float64,
    "polls_asked": pl.Int64,
    "source": pl.String,
    "status": pl.Int32,
    "registered_at": pl.Datetime("us", "UTC"),
    "joined_at": pl.Datetime("us", "UTC"),
    "minutes": pl.Float64,
    "questions": pl.Int64,
    "polls": pl.Int64,
    "downloads": pl.Int64,
    "feedback": pl.Float64,
    "spoke": pl.Boolean,
    "completed": pl.Boolean,
    "passed": pl.Boolean,
    "sessions": pl.String,
}
_AT_ONCE = 5_000


def seen_of(
    session: Session, customer_ids: Collection[int], *, event_type: str | None = None
) -> pl.DataFrame:
    """Everything on record of these customers' people, automatic matches only, as SCHEMA, with `status`
    in words. The newest event comes first."""
    ids = sorted(customer_ids)
    pieces = [
        read_frame(session, _statement(ids[at : at + _AT_ONCE], event_type), SCHEMA)
        for at in range(0, len(ids), _AT_ONCE)
    ]
    found = pl.concat(pieces) if pieces else pl.DataFrame(schema=SCHEMA)
    word = pl.col("status").replace_strict(STATUS_WORDS, default=None, return_dtype=pl.String)
    return found.with_columns(word).sort(
        "held_on", "event_id", "participant_id", descending=[True, True, False]
    )


def _statement(ids: list[int], event_type: str | None) -> Any:
    a, p, e = Attendance, Participant, Event
    columns = (
        p.id, p.customer_id, p.stakeholder_id, p.name, p.email, e.id, e.name, e.type, e.topic,
        e.held_on, e.duration_minutes, e.polls_asked, e.source, a.status, a.registered_at,
        a.joined_at, a.minutes, a.questions, a.polls, a.downloads, a.feedback, a.spoke, a.completed,
        a.passed, a.sessions,
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(a, a.participant_id == p.id)
        .join(e, e.id == a.event_id)
        .where(p.customer_id.in_(ids), p.band == COUNTED_BAND)
    )
    return statement.where(e.type == event_type) if event_type else statement


def seats_of(session: Session, customer_ids: Collection[int]) -> pl.DataFrame:
    """Who of these customers came to what, from the frame that is kept of it, for thousands of customers:
    customer_id, participant_id, event_id, held_on, topic, questions, sessions, status."""
    kept = load_attended(session)
    wanted = pl.Series("customer_id", sorted(customer_ids), pl.Int64).to_frame()
    events = read_frame(
        session,
        select(Event.id, Event.topic, Event.held_on),
        {"event_id": pl.Int64, "topic": pl.String, "held_on": pl.Date},
    )
    return (
        kept.rows.select("participant_id", "event_id", pl.col("questions").cast(pl.Int64))
        .join(kept.people.join(wanted, on="customer_id", how="semi"), on="participant_id")
        .join(events, on="event_id")
        .join(_sessions_named(session), on=["participant_id", "event_id"], how="left")
        .with_columns(status=pl.lit("attended"))
    )


def _sessions_named(session: Session) -> pl.DataFrame:
    """Which sessions people were in, of the events whose sessions we know something about."""
    known = select(EventSession.event_id).distinct()
    named = select(Attendance.participant_id, Attendance.event_id, Attendance.sessions).where(
        Attendance.event_id.in_(known), Attendance.sessions.is_not(None)
    )
    schema = {"participant_id": pl.Int64, "event_id": pl.Int64, "sessions": pl.String}
    return read_large(session, named, schema)
