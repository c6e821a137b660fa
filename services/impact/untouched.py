"""At-risk ARR without a touch: customers with an open signal to whom nobody has spoken since it was opened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Customer, Person, RiskSignal
from services.access import Viewer, visible
from services.impact.wanted import Wanted, lens_of
from services.scoring.risk import OPEN_STATES
from services.touches import spoken

UNTOUCHED: dict[str, Any] = {
    "customer_id": pl.Int64, "customer": pl.String, "segment": pl.String, "csm": pl.String,
    "arr": pl.Float64, "currency": pl.String, "level": pl.String,
    "opened_at": pl.Datetime("us", "UTC"), "days": pl.Int64, "renews_on": pl.Date,
    "signal_id": pl.Int64,
}  # fmt: skip
"""One row per customer: `level` the worst of its open signals, `opened_at` the first of them, `days` since."""


def untouched(session: Session, by: Viewer, *, at: datetime, wanted: Wanted) -> pl.DataFrame:
    """UNTOUCHED, the largest ARR first; a touch is a mail that left, a call or a meeting on record. The
    period does not count: who waits longest matters most. NotAllowed for who leads nobody."""
    c, s = Customer, RiskSignal
    standing = (
        select(
            s.customer_id,
            func.min(s.opened_at).label("opened_at"),
            func.min(s.id).label("signal_id"),
            func.min(case((s.level == "alert", 0), else_=1)).label("rank"),
        )
        .where(s.state.in_(OPEN_STATES))
        .group_by(s.customer_id)
        .subquery()
    )
    answered = spoken(standing.c.customer_id, standing.c.opened_at, at)
    query = (
        select(
            c.id, c.name, c.segment, Person.name, c.arr, c.currency,
            case((standing.c.rank == 0, "alert"), else_="watch"), standing.c.opened_at,
            c.renews_on, standing.c.signal_id,
        )
        .join(standing, standing.c.customer_id == c.id)
        .outerjoin(Person, Person.id == c.csm_id)
        .where(visible(lens_of(by, wanted)), c.churned_on.is_(None), ~answered)
        .order_by(func.coalesce(c.arr, 0).desc(), c.id)
    )  # fmt: skip
    read = {name: kind for name, kind in UNTOUCHED.items() if name != "days"}
    rows = read_frame(session, query, read)
    waited = (pl.lit(at, pl.Datetime("us", "UTC")) - pl.col("opened_at")).dt.total_days()
    return rows.with_columns(days=waited).select(*UNTOUCHED)


def per_currency(rows: pl.DataFrame) -> list[tuple[str, int, float]]:
    """Currency, customers and their ARR, that of most customers first; amounts in several are never added. Pure."""
    found = (
        rows.group_by("currency")
        .agg(customers=pl.len(), arr=pl.col("arr").fill_null(0.0).sum())
        .sort("customers", "currency", descending=[True, False])
    )
    return list(found.iter_rows())
