"""A customer's health through time, and what other weights would make of everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, CustomerScore, HealthChange
from services.access import Viewer, require_customer, visible
from services.scoring.health import weights as settings
from services.scoring.health.book import stored
from services.scoring.health.mean import healths
from services.scoring.health.weights import HealthWeights

MOST_CHANGES = 100
GOOD, FAIR = 70, 40
LINES = {"good": "Good 70–100", "fair": "Fair 40–69", "poor": "Poor 0–39"}


@dataclass(frozen=True)
class Change:
    """`parts` is `{name: {value, weight}}` as they were."""

    at: datetime
    before: int | None
    health: int | None
    cause: str
    parts: Mapping[str, Any]


@dataclass(frozen=True)
class Health:
    """`changes`, newest first; `reported` and `engagement` are the parts as they are now."""

    health: int | None
    reported: int | None
    engagement: int | None
    weights: HealthWeights
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class WeightsPreview:
    """rows: customer_id Int64, customer Utf8, before, health Int64; largest change first. moves:
    line_before, line Utf8 (keys of LINES), customers; only where the line changes."""

    rows: pl.DataFrame
    moves: pl.DataFrame

    @property
    def changed(self) -> int:
        return self.rows.filter(pl.col("health").ne_missing(pl.col("before"))).height


def health_of(session: Session, by: Viewer, customer_id: int) -> Health:
    """NotFound when the customer is not one that `by` may see."""
    customer = require_customer(session, by, customer_id)
    rows = session.scalars(
        select(HealthChange)
        .where(HealthChange.customer_id == customer_id)
        .order_by(HealthChange.at.desc(), HealthChange.id.desc())
        .limit(MOST_CHANGES)
    )
    score = session.get(CustomerScore, customer_id)
    changes = tuple(Change(row.at, row.before, row.health, row.cause, row.parts) for row in rows)
    return Health(
        customer.health_score,
        customer.reported_health,
        score.score if score else None,
        settings.load(session),
        changes,
    )


def preview(session: Session, by: Viewer, weights: HealthWeights) -> WeightsPreview:
    """What these weights would make of the customers one sees; nothing is written."""
    who = read_frame(
        session,
        select(Customer.id, Customer.name, Customer.reported_health, Customer.health_score).where(
            visible(by)
        ),
        {"customer_id": pl.Int64, "customer": pl.Utf8, "reported": pl.Int64, "before": pl.Int64},
    )
    found = healths(who.join(stored(session), on="customer_id", how="left"), weights)
    change = (pl.col("health") - pl.col("before")).abs()
    rows = found.select("customer_id", "customer", "before", "health")
    moved = rows.select(line_before=_line("before"), line=_line("health")).filter(
        pl.col("line").ne_missing(pl.col("line_before"))
    )
    return WeightsPreview(
        rows.sort(change, "customer", descending=[True, False], nulls_last=True),
        moved.group_by("line_before", "line").agg(customers=pl.len()).sort("customers", "line"),
    )


def _line(name: str) -> pl.Expr:
    value = pl.col(name)
    return (
        pl.when(value >= GOOD)
        .then(pl.lit("good"))
        .when(value >= FAIR)
        .then(pl.lit("fair"))
        .when(value >= 0)
        .then(pl.lit("poor"))
    )
