"""The frames an analysis is made of: events, customers and who of them was where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Customer, Event
from services.access import Viewer, visible
from services.private import only_for
from services.seats import load_attended

EVENTS: dict[str, Any] = {
    "event_id": pl.Int64,
    "name": pl.String,
    "type": pl.String,
    "topic": pl.String,
    "held_on": pl.Date,
    "segments": pl.List(pl.String),
    "regions": pl.List(pl.String),
    "cost": pl.Float64,
    "only": pl.List(pl.Int64),
    "everybody": pl.Int64,
}
CUSTOMERS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "customer": pl.String,
    "segment": pl.String,
    "region": pl.String,
    "started_on": pl.Date,
    "churned_on": pl.Date,
    "arr": pl.Float64,
    "currency": pl.String,
}
COST_CURRENCY = "USD"
"""Of costs, where there is no customer to tell another."""


@dataclass(frozen=True)
class Known:
    """`seats`: customer_id, event_id, people and questions, one row per customer and event attended;
    customers that the asker sees, events that were held. Of an event `only` are the customers it was for,
    `everybody` the people of any customer that attended. `cost_currency` is that of costs."""

    events: pl.DataFrame
    customers: pl.DataFrame
    seats: pl.DataFrame
    cost_currency: str = COST_CURRENCY


def load(session: Session, by: Viewer) -> Known:
    e, c = Event, Customer
    events = read_frame(
        session,
        select(e.id, e.name, e.type, e.topic, e.held_on, e.segments, e.regions, e.cost)
        .where(e.status == "held")
        .order_by(e.held_on, e.id),
        {name: kind for name, kind in EVENTS.items() if name not in ("only", "everybody")},
    ).join(only_for(session), on="event_id", how="left", maintain_order="left")
    customers = read_large(
        session,
        select(c.id, c.name, c.segment, c.region, c.started_on, c.churned_on, c.arr, c.currency)
        .where(visible(by))
        .order_by(c.id),
        CUSTOMERS,
    )
    attended = load_attended(session)
    counted = (
        attended.rows.select("event_id", "participant_id", "questions")
        .join(attended.people, on="participant_id")
        .group_by("event_id", "customer_id")
        .agg(people=pl.len().cast(pl.Int64), questions=pl.col("questions").sum().cast(pl.Int64))
    )
    everybody = counted.group_by("event_id").agg(everybody=pl.col("people").sum())
    events = events.join(everybody, on="event_id", how="left", maintain_order="left")
    seats = (
        counted.join(customers.select("customer_id"), on="customer_id", how="semi")
        .join(events.select("event_id"), on="event_id", how="semi")
        .select("customer_id", "event_id", "people", "questions")
        .sort("event_id", "customer_id")
    )
    return Known(events, customers, seats, _cost_currency(session))


def _cost_currency(session: Session) -> str:
    """That of most customers, whoever asks."""
    c = Customer
    counted = select(c.currency).group_by(c.currency).order_by(func.count().desc(), c.currency)
    return session.scalar(counted.limit(1)) or COST_CURRENCY
