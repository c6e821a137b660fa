"""Lifts one by one: what each event may be worth, and how the lift goes month by month."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.attendance.analysis.lifts import by_group
from services.attendance.analysis.report import AnalysisFilters, chosen

MONTHS: dict[str, Any] = {
    "month": pl.Date, "treated": pl.Int64, "others": pl.Int64, "relative": pl.Float64,
    "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip
_LIFTS: dict[str, Any] = {"event_id": pl.Int64, **{k: v for k, v in MONTHS.items() if k != "month"}}


def months_of_lift(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters
) -> pl.DataFrame:
    """MONTHS of the events held in each, the earliest first: customers who came and who did not, the lift and
    its 95% interval, empty where there is not enough data. Months without an event to measure are missing."""
    known, held = chosen(session, by, filters, today)
    month = pl.col("held_on").dt.truncate("1mo")
    groups = dict(held.select("event_id", month=month).iter_rows())
    found = by_group(known, groups, today)
    rows = [
        (day, one.treated, one.others, one.relative, one.relative_low, one.relative_high)
        for day, one in sorted(found.items())
    ]
    return pl.DataFrame(rows, schema=MONTHS, orient="row")


def worth_by_event(
    session: Session, by: Viewer, today: date, *, filters: AnalysisFilters
) -> pl.DataFrame:
    """One row per event and currency of its customers, the latest event first: event_id, event, held_on, type,
    currency, customers, seats, arr, cost and cost_currency (their part, by seats), treated, others, relative,
    low, high (the event's own lift), influenced_low, _middle and _high, return_low, _middle and _high.

    Influenced = ARR of those who came x the event's lift x `filters.share`; empty without a comparison group.
    """
    known, held = chosen(session, by, filters, today)
    ids = held["event_id"].to_list()
    lifts = by_group(known, {number: number for number in ids}, today)
    measured = pl.DataFrame(
        [
            (number, one.treated, one.others, one.relative, one.relative_low, one.relative_high)
            for number, one in lifts.items()
        ],
        schema=_LIFTS, orient="row",
    )  # fmt: skip
    part = pl.col("cost") * pl.col("people") / pl.col("everybody")
    sums = (
        known.seats.join(held.select("event_id", "cost", "everybody"), on="event_id")
        .join(known.customers.select("customer_id", "currency", "arr"), on="customer_id")
        .group_by("event_id", "currency")
        .agg(
            customers=pl.len().cast(pl.Int64),
            seats=pl.col("people").sum().cast(pl.Int64),
            arr=pl.col("arr").fill_null(0.0).sum(),
            cost=pl.when(pl.col("cost").is_not_null().any()).then(part.sum()),
        )
    )
    named = held.select("event_id", "held_on", "type", event="name")
    rows = sums.join(named, on="event_id").join(measured, on="event_id", how="left")
    return _valued(rows, filters.share, known.cost_currency)


_ENDS = (("low", "low"), ("middle", "relative"), ("high", "high"))


def _valued(rows: pl.DataFrame, share: float, cost_currency: str) -> pl.DataFrame:
    """What they influenced, and that over the cost where both are in one currency. Pure."""
    payable = pl.when((pl.col("currency") == cost_currency) & (pl.col("cost") > 0)).then("cost")
    valued = rows.with_columns(
        *((pl.col("arr") * pl.col(end) * share).alias(f"influenced_{name}") for name, end in _ENDS),
        cost_currency=pl.lit(cost_currency),
    )
    return (
        valued.with_columns(
            (pl.col(f"influenced_{name}") / payable).alias(f"return_{name}") for name, _ in _ENDS
        )
        .select(*_SCHEMA.columns)
        .sort("held_on", "event_id", "arr", "currency", descending=[True, True, True, False])
    )


_SCHEMA = pl.DataFrame(
    schema={
        "event_id": pl.Int64, "event": pl.String, "held_on": pl.Date, "type": pl.String,
        "currency": pl.String, "customers": pl.Int64, "seats": pl.Int64, "arr": pl.Float64,
        "cost": pl.Float64, "cost_currency": pl.String, "treated": pl.Int64, "others": pl.Int64,
        "relative": pl.Float64, "low": pl.Float64, "high": pl.Float64,
        "influenced_low": pl.Float64, "influenced_middle": pl.Float64,
        "influenced_high": pl.Float64, "return_low": pl.Float64, "return_middle": pl.Float64,
        "return_high": pl.Float64,
    }
)  # fmt: skip
