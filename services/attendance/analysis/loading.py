"""The frames an analysis is made of: events, customers and who of them was where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
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
}
CUSTOMERS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "customer": pl.String,
    "segment": pl.String,
    "region": pl.String,
    "started_on": pl.Date,
    "churned_on": pl.Date,
    "arr": pl.Float64,
}


@dataclass(frozen=True)
class Known:
    """`seats`: customer_id, event_id, people and questions, one row per customer and event attended;
    customers that the asker sees, events that were held."""

    events: pl.DataFrame
    customers: pl.DataFrame
    seats: pl.DataFrame


def load(session: Session, by: Viewer) -> Known:
    e, c = Event, Customer
    events = read_frame(
        session,
        select(e.id, e.name, e.type, e.topic, e.held_on, e.segments, e.regions, e.cost)
        .where(e.status == "held")
        .order_by(e.held_on, e.id),
        {name: kind for name, kind in EVENTS.items() if name != "only"},
    ).join(only_for(session), on="event_id", how="left", maintain_order="left")
    customers = read_frame(
        session,
        select(c.id, c.name, c.segment, c.region, c.started_on, c.churned_on, c.arr)
        .where(visible(by))
        .order_by(c.id),
        CUSTOMERS,
    )
    attended = load_attended(session)
    seats = (
        attended.rows.select("event_id", "participant_id", "questions")
        .join(attended.people, on="participant_id")
        .join(customers.select("customer_id"), on="customer_id", how="semi")
        .join(events.select("event_id"), on="event_id", how="semi")
        .group_by("customer_id", "event_id")
        .agg(people=pl.len().cast(pl.Int64), questions=pl.col("questions").sum().cast(pl.Int64))
        .sort("event_id", "customer_id")
    )
    return Known(events, customers, seats)
