"""What events may be worth, by segment: influenced, never caused, and never without a comparison group."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from services.attendance.analysis.loading import Known
from services.figures import Lift, lift_of

SHARE_IN_REVENUE = 0.10
"""Assumed share of a relative lift in taking part that shows in revenue; people set their own."""
NO_SEGMENT = "No segment"


@dataclass(frozen=True)
class Worth:
    """One segment. `arr` is that of its customers who attended; `cost` its part of what the events cost, by
    seats. `low`, `middle`, `high`: ARR influenced; None where the lift has no comparison group, or too
    little on either side. `return_…` are those over the cost, None where no cost is entered."""

    segment: str
    customers: int
    arr: float
    cost: float | None
    lift: Lift
    low: float | None
    middle: float | None
    high: float | None
    return_low: float | None
    return_middle: float | None
    return_high: float | None


def worth(
    known: Known, event_ids: list[int], rows: pl.DataFrame, *, share: float = SHARE_IN_REVENUE
) -> list[Worth]:
    """Per segment, the largest ARR first. `rows` as from `outcomes.around`, of the same events.

    ARR influenced = ARR of the attending customers x relative lift x `share`, for the lift and both ends of
    its interval.
    """
    named = pl.col("segment").fill_null(NO_SEGMENT)
    seats = (
        known.seats.filter(pl.col("event_id").is_in(event_ids))
        .join(known.customers, on="customer_id")
        .with_columns(segment=named)
    )
    costs = costs_by_segment(known.events, seats)
    groups = seats.unique("customer_id").group_by("segment").agg(
        customers=pl.len(), arr=pl.col("arr").fill_null(0.0).sum()
    )  # fmt: skip
    split = rows.with_columns(segment=named)
    found = [
        _worth(row, costs.get(row["segment"]), lift_of(split.filter(segment=row["segment"])), share)
        for row in groups.iter_rows(named=True)
    ]
    return sorted(found, key=lambda one: (-one.arr, one.segment))


def costs_by_segment(events: pl.DataFrame, seats: pl.DataFrame) -> dict[str, float]:
    """What the events cost, shared among segments by their seats; events without a cost have no part."""
    seated = seats.group_by("event_id", "segment").agg(people=pl.col("people").sum())
    shared = seated.join(events.select("event_id", "cost").drop_nulls(), on="event_id")
    part = pl.col("cost") * pl.col("people") / pl.col("people").sum().over("event_id")
    return (
        dict(shared.group_by("segment").agg(part.sum().alias("cost")).iter_rows())
        if not shared.is_empty()
        else {}
    )


def _worth(row: dict[str, float | str], cost: float | None, lift: Lift, share: float) -> Worth:
    arr = float(row["arr"])
    ends = [
        None if end is None else arr * end * share
        for end in (lift.relative_low, lift.relative, lift.relative_high)
    ]
    returns = [None if end is None or not cost else end / cost for end in ends]
    return Worth(str(row["segment"]), int(row["customers"]), arr, cost, lift, *ends, *returns)
