"""Whom to turn to at a customer: the person who took part most, as far as they may be written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.pieces import pieces
from data.tables import Attendance, Event, Participant, Stakeholder, StakeholderEmail
from data.tables.events import ATTENDED, SELF_PACED
from services.scoring.attended import COUNTED_BAND
from services.scoring.facts import depth_columns
from services.scoring.supply import WINDOW_DAYS

PIECE = 500
_ROLES = {"champion": 0, "executive_sponsor": 1, "admin": 2, "user": 3}
_NO_ROLE = 4
_ROWS = {
    "stakeholder_id": pl.Int64,
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
    "scheduled_minutes": pl.Float32,
    "polls_asked": pl.Int32,
}


Depths = Mapping[int, tuple[float, int]]
"""By stakeholder: the sum of depths over the events of the year, each 0..1, and over how many events."""


@dataclass(frozen=True)
class Contact:
    """`depth` is the sum over the events of the year of how much they took part, each 0..1."""

    stakeholder_id: int
    name: str
    first_name: str
    title: str | None
    role: str | None
    depth: float
    events: int


def champions(
    session: Session, customer_ids: Sequence[int], *, as_of: date, depths: Depths | None = None
) -> dict[int, Contact]:
    """Per customer the reachable stakeholder to turn to; customers without one are missing.

    The CRM's champion, when seen at an event in the year up to `as_of`; else whoever took part most; where
    nobody was seen, the one whose role says most. `depths`: those of `depths_of`, where they are at hand.
    """
    if depths is None:
        depths = depths_of(session, customer_ids, as_of=as_of)
    found: dict[int, Contact] = {}
    # Not an EXISTS: Postgres may join that from the side of all addresses there are.
    address = select(StakeholderEmail.email).where(
        StakeholderEmail.stakeholder_id == Stakeholder.id
    )
    reachable = address.limit(1).scalar_subquery()
    for some in pieces(customer_ids, PIECE):
        rows = session.execute(
            select(
                Stakeholder.id,
                Stakeholder.customer_id,
                Stakeholder.first_name,
                Stakeholder.last_name,
                Stakeholder.title,
                Stakeholder.role,
            )
            .where(
                Stakeholder.customer_id.in_(some),
                Stakeholder.unsubscribed.is_(False),
                reachable.is_not(None),
            )
            .order_by(Stakeholder.id)
        )
        best: dict[int, tuple[tuple[bool, float, int], Contact]] = {}
        for number, customer, first, last, title, role in rows:
            depth, events = depths.get(number, (0.0, 0))
            name = " ".join(part for part in (first, last) if part)
            one = Contact(number, name, first or last, title, role, depth, events)
            known = role == "champion" and depth > 0
            order = (not known, -depth, _ROLES.get(role or "", _NO_ROLE))
            if customer not in best or order < best[customer][0]:
                best[customer] = (order, one)
        found |= {customer: one for customer, (_, one) in best.items()}
    return found


def depths_of(session: Session, customer_ids: Sequence[int], *, as_of: date) -> Depths:
    """How much each of these customers' stakeholders took part in the year. It stays as it is until facts change."""
    found: dict[int, tuple[float, int]] = {}
    for some in pieces(customer_ids, PIECE):
        found |= _depths(session, some, as_of)
    return found


def _in_the_year(as_of: date) -> ColumnElement[bool]:
    """Events by the day they were held, courses by the day somebody finished."""
    since = as_of - timedelta(days=WINDOW_DAYS)
    finished = Event.source.in_(SELF_PACED) & Attendance.joined_at.is_not(None)
    first, after = (
        datetime.combine(day + timedelta(days=1), time.min, UTC) for day in (since, as_of)
    )
    return or_(
        ~finished & (Event.held_on <= as_of) & (Event.held_on > since),
        finished & (Attendance.joined_at >= first) & (Attendance.joined_at < after),
    )


def _depths(
    session: Session, customer_ids: Sequence[int], as_of: date
) -> dict[int, tuple[float, int]]:
    """Per stakeholder: the sum of depths, and over how many events."""
    rows = read_frame(
        session,
        select(
            Participant.stakeholder_id,
            Attendance.minutes,
            Attendance.questions,
            Attendance.polls,
            Attendance.downloads,
            Attendance.feedback,
            Attendance.spoke,
            Event.duration_minutes,
            Event.polls_asked,
        )
        .join(Attendance, Attendance.participant_id == Participant.id)
        .join(Event, Event.id == Attendance.event_id)
        .where(
            Participant.customer_id.in_(customer_ids),
            Participant.band == COUNTED_BAND,
            Participant.stakeholder_id.is_not(None),
            Attendance.status == ATTENDED,
            Event.status == "held",
            _in_the_year(as_of),
        ),
        _ROWS,
    )
    sums = (
        rows.with_columns(depth_columns())
        .group_by("stakeholder_id")
        .agg(depth=pl.col("row_depth").sum(), events=pl.len())
    )
    return {number: (depth, events) for number, depth, events in sums.iter_rows()}
