"""How many events and customers were followed up, and how many answered: live, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Event, FollowUp
from services.access import Viewer, visible
from services.attendance.follow_up.breaches import SENT_WITHIN
from services.attendance.follow_up.records import RECENT
from services.figures import Share, share_of

WANTED_FOLLOWED, WANTED_REPLIES = 0.80, 0.30
_SCHEMA = {
    "event_id": pl.Int64, "event": pl.String, "held_on": pl.Date, "customer_id": pl.Int64,
    "customer": pl.String, "segment": pl.String, "type": pl.String,
    "detected_at": pl.Datetime("us", "UTC"), "sent": pl.Boolean, "replied": pl.Boolean,
    "let_go": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Rates:
    """`events`: events with at least one follow-up sent, of those whose 72 hours are over (target 80%).
    `customers`: the same per customer and event. `replies`: answered, of those sent (target 30%).
    `rows` are the follow-ups counted; an event learned of later than `recent_days` has none until somebody asks."""

    events: Share
    customers: Share
    replies: Share
    rows: pl.DataFrame
    as_of: datetime
    recent_days: int = RECENT.days


def rates(
    session: Session, by: Viewer, now: datetime, *, since: date,
    segment: str | None = None, event_type: str | None = None,
) -> Rates:  # fmt: skip
    """Of events held since then. What was let go counts as not followed up."""
    f = FollowUp
    query = (
        select(
            f.event_id, Event.name, Event.held_on, f.customer_id, Customer.name, Customer.segment,
            Event.type, f.detected_at, f.sent_at.is_not(None), f.replied_at.is_not(None),
            f.waived_at.is_not(None),
        )
        .join(Event, Event.id == f.event_id)
        .join(Customer, Customer.id == f.customer_id)
        .where(visible(by), Event.held_on >= since)
        .order_by(f.detected_at.desc(), f.id)
    )  # fmt: skip
    if segment:
        query = query.where(Customer.segment == segment)
    if event_type:
        query = query.where(Event.type == event_type)
    # Those sent at once do not count earlier than those that were not: that would flatter.
    rows = read_frame(session, query, _SCHEMA).filter(pl.col("detected_at") < now - SENT_WITHIN)
    return counted(rows, now)


def counted(rows: pl.DataFrame, now: datetime) -> Rates:
    """The shares of these follow-ups."""
    sent = rows.filter("sent")
    return Rates(
        events_followed(rows), share_of(sent.height, rows.height), answered(rows), rows, now
    )  # fmt: skip


def events_followed(rows: pl.DataFrame) -> Share:
    """Of the events of these follow-ups, how many had one sent."""
    per_event = rows.group_by("event_id").agg(pl.col("sent").any())
    return share_of(int(per_event["sent"].sum()), per_event.height)


def answered(rows: pl.DataFrame) -> Share:
    """Of these follow-ups that were sent, how many were answered."""
    sent = rows.filter("sent")
    return share_of(int(sent["replied"].sum()), sent.height)


def since(now: datetime, days: int) -> date:
    return now.date() - timedelta(days=days)
