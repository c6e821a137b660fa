"""What events may be worth, by segment and currency: influenced, never caused, and never without a comparison group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.attendance.analysis.lifts import NO_SEGMENT
from services.attendance.analysis.loading import Known
from services.figures import Lift

SHARE_IN_REVENUE = 0.10
"""Assumed share of a relative lift in taking part that shows in revenue; people set their own."""


@dataclass(frozen=True)
class Worth:
    """The customers of one segment whose ARR is in one `currency`: amounts in several are never added.

    `arr` is that of its customers who attended; `cost` their part, by seats, of what the events cost, in
    `cost_currency`. `lift` is that of the whole segment. `low`, `middle`, `high`: ARR influenced; None where
    the lift has no comparison group, or too little on either side. `return_…` are those over the cost, None
    where no cost is entered, or it is in another currency."""

    segment: str
    currency: str
    customers: int
    arr: float
    cost: float | None
    cost_currency: str
    lift: Lift
    low: float | None
    middle: float | None
    high: float | None
    return_low: float | None
    return_middle: float | None
    return_high: float | None


def worth(
    known: Known,
    event_ids: list[int],
    lifts: Mapping[str, Lift],
    *,
    share: float = SHARE_IN_REVENUE,
) -> list[Worth]:
    """A line per segment and currency, by segment, the largest ARR first in each. `lifts`: of the same
    events, by segment.

    ARR influenced = ARR of the attending customers x relative lift x `share`, for the lift and both ends of
    its interval.
    """
    came = attending(known, event_ids)
    groups = came.group_by("segment", "currency").agg(
        customers=pl.len(),
        arr=pl.col("arr").fill_null(0.0).sum(),
        cost=pl.when(pl.col("cost").is_not_null().any()).then(pl.col("cost").sum()),
    )
    ordered = groups.sort("segment", "arr", "currency", descending=[False, True, False])
    return [
        _worth(row, lifts[row["segment"]], share, known.cost_currency)
        for row in ordered.iter_rows(named=True)
    ]


def attending(known: Known, event_ids: list[int]) -> pl.DataFrame:
    """One row per customer that attended any of these events: customer_id, customer, segment, currency, arr,
    events, seats, and cost, its part of what the events cost; None where no event has a cost."""
    seats = known.seats.filter(pl.col("event_id").is_in(event_ids)).join(
        known.events.select("event_id", "cost", "everybody"), on="event_id"
    )
    part = pl.col("cost") * pl.col("people") / pl.col("everybody")
    return (
        seats.group_by("customer_id")
        .agg(
            events=pl.len().cast(pl.Int64),
            seats=pl.col("people").sum(),
            cost=pl.when(pl.col("cost").is_not_null().any()).then(part.sum()),
        )
        .join(known.customers, on="customer_id")
        .with_columns(pl.col("segment").fill_null(NO_SEGMENT))
        .select("customer_id", "customer", "segment", "currency", "arr", "events", "seats", "cost")
        .sort("segment", "currency", "customer_id")
    )


def _worth(row: dict[str, Any], lift: Lift, share: float, cost_currency: str) -> Worth:
    arr, cost, currency = float(row["arr"]), row["cost"], str(row["currency"])
    ends = [
        None if end is None else arr * end * share
        for end in (lift.relative_low, lift.relative, lift.relative_high)
    ]
    over = cost if currency == cost_currency else None
    returns = [None if end is None or not over else end / over for end in ends]
    return Worth(
        str(row["segment"]), currency, int(row["customers"]), arr, cost, cost_currency, lift,
        *ends, *returns,
    )  # fmt: skip
