"""What customers made of the offer: one line per customer and event they attended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from services.scoring.supply import WINDOW_DAYS, Floats, Ints, Supply

UNREPORTED_DEPTH = 0.5
SIGNAL_WEIGHTS = {"minutes": 0.40, "questions": 0.25, "polls": 0.15, "downloads": 0.10}
FEEDBACK_WEIGHT = 0.10


@dataclass(frozen=True)
class Attended:
    """Customer-event pairs, by customer and then by event; positions are those of the Supply."""

    customer: Ints
    event: Ints
    seats: Floats
    depth: Floats
    more: pl.DataFrame
    """Same order: `reported` Boolean, `questions`, `feedback`, `spoke` Int32."""
    people: Ints
    """Per customer: distinct participants."""

    def count(self, customers: int) -> Ints:
        return np.bincount(self.customer, minlength=customers)


@dataclass(frozen=True)
class Rows:
    """Attendance in the window; `c` and `e` are the positions of customer and event in the Supply."""

    eligible: pl.DataFrame
    outside: Ints
    """Per customer: events attended that were not eligible for it."""


def attended_rows(attendances: pl.DataFrame, supply: Supply) -> Rows:
    places = supply.events.select(
        "event_id",
        "scheduled_minutes",
        "polls_asked",
        e=pl.int_range(pl.len(), dtype=pl.Int32),
    )
    holders = supply.customers.select("customer_id", c=pl.int_range(pl.len(), dtype=pl.Int32))
    rows = attendances.join(places, on="event_id").join(holders, on="customer_id")
    fits = pl.Series(supply.eligible(rows["c"].to_numpy(), rows["e"].to_numpy()))
    others = rows.select("c", "e").filter(~fits).unique()
    outside = np.bincount(others["c"].to_numpy(), minlength=len(supply.customers))
    return Rows(rows.filter(fits), outside)


def attended_before(attendances: pl.DataFrame, events: pl.DataFrame, supply: Supply) -> pl.Series:
    """Per customer, Int32: events attended in the 365 days before the window."""
    end = supply.as_of - timedelta(days=WINDOW_DAYS)
    earlier = events.filter(
        pl.col("held_on") <= end, pl.col("held_on") > end - timedelta(days=WINDOW_DAYS)
    )
    pairs = attendances.select("customer_id", "event_id").join(
        earlier.select("event_id"), on="event_id", how="semi"
    )
    counts = pairs.unique().group_by("customer_id").agg(n=pl.len().cast(pl.Int32))
    return (
        supply.customers.select("customer_id")
        .join(counts, on="customer_id", how="left", maintain_order="left")["n"]
        .fill_null(0)
    )


def attended_pairs(rows: Rows, supply: Supply) -> Attended:
    """Fold the people of a customer into one line per event; the most involved one gives its depth."""
    events = max(len(supply.events), 1)
    pairs = (
        rows.eligible.with_columns(depth_columns())
        .group_by((pl.col("c").cast(pl.Int64) * events + pl.col("e")).alias("pair"))
        .agg(
            seats=pl.len(),
            depth=pl.col("row_depth").max(),
            reported=pl.col("row_reported").any(),
            questions=pl.col("questions").sum().cast(pl.Int32),
            feedback=(pl.col("feedback") > 0).sum().cast(pl.Int32),
            spoke=pl.col("spoke").sum().cast(pl.Int32),
        )
        .sort("pair")
    )
    place = pairs["pair"].to_numpy()
    return Attended(
        customer=place // events,
        event=place % events,
        seats=pairs["seats"].to_numpy().astype(np.float64),
        depth=pairs["depth"].to_numpy().astype(np.float64),
        more=pairs.select("reported", "questions", "feedback", "spoke"),
        people=_people(rows.eligible, len(supply.customers)),
    )


def _people(rows: pl.DataFrame, customers: int) -> Ints:
    distinct = rows.select("c", "participant_id").unique()
    return np.bincount(distinct["c"].to_numpy(), minlength=customers)


def depth_columns() -> Sequence[pl.Expr]:
    """`row_depth` 0..1 and `row_reported` of one person at one event.

    Mean of the signals the platform reported, by their weights; what was not reported has no say.
    Minutes count against the schedule and polls against those asked. Questions and downloads
    saturate: 1, 2, 3 of them give 1/2, 3/4, 7/8. Feedback 0 means asked and not given. A speaker
    is fully involved.
    """
    signals = [
        (SIGNAL_WEIGHTS["minutes"], _share("minutes", "scheduled_minutes")),
        (SIGNAL_WEIGHTS["questions"], _saturating("questions")),
        (SIGNAL_WEIGHTS["polls"], _share("polls", "polls_asked")),
        (SIGNAL_WEIGHTS["downloads"], _saturating("downloads")),
        (FEEDBACK_WEIGHT, (pl.col("feedback").fill_nan(None) > 0).cast(pl.Float64)),
    ]
    got = pl.sum_horizontal([weight * signal for weight, signal in signals])
    possible = pl.sum_horizontal([weight * signal.is_not_null() for weight, signal in signals])
    spoke = pl.col("spoke").fill_null(value=False)
    reported = (possible > 0) | spoke
    depth = pl.when(spoke).then(1.0).when(possible > 0).then(got / possible)
    return [
        depth.otherwise(UNREPORTED_DEPTH).clip(0.0, 1.0).alias("row_depth"),
        reported.alias("row_reported"),
    ]


def _share(part: str, whole: str) -> pl.Expr:
    known = pl.col(whole) > 0
    share = pl.col(part).cast(pl.Float64).fill_nan(None) / pl.col(whole).cast(pl.Float64)
    return pl.when(known).then(share.clip(0.0, 1.0))


def _saturating(count: str) -> pl.Expr:
    return 1.0 - 0.5 ** pl.col(count).cast(pl.Float64).clip(0.0)
