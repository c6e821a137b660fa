"""All events with who came and how far their follow-up is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Event, FollowUp
from services.access import Viewer, visible
from services.attendance.follow_up.detect import ONE_HOUR
from services.attendance.follow_up.records import RECENT
from services.export import to_csv, to_xlsx
from services.seats import load_attended

EVENTS: dict[str, Any] = {
    "event_id": pl.Int64,
    "name": pl.String,
    "type": pl.String,
    "topic": pl.String,
    "held_on": pl.Date,
    "starts_at": pl.Datetime("us", "UTC"),
    "ends_at": pl.Datetime("us", "UTC"),
    "minutes": pl.Float64,
    "status": pl.String,
    "cost": pl.Float64,
}
FOLLOWED: dict[str, Any] = {
    "event_id": pl.Int64,
    "follow_ups": pl.Int64,
    "drafted": pl.Int64,
    "approved": pl.Int64,
    "sent": pl.Int64,
    "replied": pl.Int64,
    "let_go": pl.Int64,
}
COUNTS = ("people", "customers", "follow_ups", "drafted", "approved", "sent", "replied", "let_go")
STATES = {
    "planned": "To come",
    "going_on": "Going on",
    "cancelled": "Cancelled",
    "too_old": "Over 14 days old",
    "none": "Nobody to follow up",
    "open": "Under way",
    "done": "Done",
}
LABELS = {
    "name": "Event", "type": "Type", "topic": "Topic", "held_on": "Held on", "people": "People",
    "customers": "Customers", "state_words": "Follow-up", "follow_ups": "To follow up",
    "drafted": "Drafted", "sent": "Sent", "replied": "Answered", "let_go": "Let go", "cost": "Cost",
}  # fmt: skip


@dataclass(frozen=True)
class EventFilters:
    """Empty means all."""

    search: str = ""
    type: str | None = None
    state: str | None = None


def table(session: Session, by: Viewer) -> pl.DataFrame:
    """All events, newest first, as EVENTS but `minutes`, `ends_at` never null, with `people` and `customers`: those of customers that `by` sees
    who attended."""
    e = Event
    columns = (
        e.id, e.name, e.type, e.topic, e.held_on, e.starts_at, e.ends_at, e.duration_minutes,
        e.status, e.cost,
    )  # fmt: skip
    lasts = pl.duration(seconds=pl.col("minutes").fill_null(ONE_HOUR) * 60)
    events = (
        read_frame(session, select(*columns), EVENTS)
        .with_columns(pl.col("ends_at").fill_null(pl.col("starts_at") + lasts))
        .drop("minutes")
    )
    attended = load_attended(session)
    seen = attended.people
    if not by.sees_all:
        own = read_frame(session, select(Customer.id).where(visible(by)), {"customer_id": pl.Int64})
        seen = seen.join(own, on="customer_id", how="semi")
    came = (
        attended.rows.select("event_id", "participant_id")
        .join(seen, on="participant_id")
        .group_by("event_id")
        .agg(people=pl.len().cast(pl.Int64), customers=pl.col("customer_id").n_unique().cast(pl.Int64))
    )  # fmt: skip
    return (
        events.join(came, on="event_id", how="left")
        .with_columns(pl.col("people", "customers").fill_null(0))
        .sort("starts_at", "event_id", descending=True)
    )


def follow_ups(session: Session, by: Viewer) -> pl.DataFrame:
    """Per event how far the follow-ups that `by` sees are, as FOLLOWED: always as it is now."""
    f = FollowUp

    def times(column: Any) -> Any:
        return cast(func.sum(case((column.is_not(None), 1), else_=0)), Integer)

    rows = (
        select(
            f.event_id, func.count(), times(f.drafted_at), times(f.approved_at),
            times(f.sent_at), times(f.replied_at), times(f.waived_at),
        )
        .join(Customer, Customer.id == f.customer_id)
        .where(visible(by))
        .group_by(f.event_id)
    )  # fmt: skip
    return read_frame(session, rows, FOLLOWED)


def listed(
    events: pl.DataFrame, followed: pl.DataFrame, wanted: EventFilters, now: datetime
) -> pl.DataFrame:
    """`table` and `follow_ups` together, filtered, with `state` and `state_words` of STATES."""
    state = (
        pl.when(pl.col("status") == "cancelled")
        .then(pl.lit("cancelled"))
        .when(pl.col("starts_at") > now)
        .then(pl.lit("planned"))
        .when((pl.col("follow_ups") > 0) & (pl.col("sent") + pl.col("let_go") >= pl.col("follow_ups")))
        .then(pl.lit("done"))
        .when(pl.col("follow_ups") > 0)
        .then(pl.lit("open"))
        .when(pl.col("ends_at") > now)
        .then(pl.lit("going_on"))
        .when((pl.col("ends_at") < now - RECENT) & (pl.col("people") > 0))
        .then(pl.lit("too_old"))
        .otherwise(pl.lit("none"))
    )  # fmt: skip
    rows = events.join(followed, on="event_id", how="left", maintain_order="left").with_columns(
        pl.col(COUNTS).fill_null(0)
    )
    rows = rows.with_columns(state=state).with_columns(
        state_words=pl.col("state").replace_strict(STATES)
    )
    if wanted.type:
        rows = rows.filter(type=wanted.type)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if words := wanted.search.strip().lower()[:100]:
        text = pl.concat_str("name", pl.col("topic").fill_null(""), separator=" ")
        rows = rows.filter(text.str.to_lowercase().str.contains(words, literal=True))
    return rows


def choices(session: Session) -> list[str]:
    """The types of events on record."""
    return sorted(session.scalars(select(Event.type).distinct()))


def export(
    session: Session, by: Viewer, now: datetime, *, filters: EventFilters, form: str
) -> bytes:
    """The filtered list as `csv` or `xlsx`."""
    rows = listed(table(session, by), follow_ups(session, by), filters, now).select(*LABELS)
    return to_csv(rows, LABELS) if form == "csv" else to_xlsx(rows, LABELS, title="Events")
