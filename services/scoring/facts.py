"""What customers made of the offer: one line per customer and event they attended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from services.depth import depth_columns
from services.scoring.supply import WINDOW_DAYS, Floats, Ints, Supply


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

    @property
    def seated(self) -> pl.DataFrame:
        """c, e and seats, one row per pair."""
        return pl.DataFrame(
            {"c": self.customer, "e": self.event, "seats": self.seats.astype(np.int64)}
        )

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
