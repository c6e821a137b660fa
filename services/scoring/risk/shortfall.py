"""How far each customer lies below what its own past and the pull of the events lead one to expect.

The same arithmetic serves any channel in which people may or may not answer an occasion: attendance at
events, human clicks and replies to campaigns.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from services.scoring.components import missed_since
from services.scoring.facts import Attended, attended_pairs, attended_rows
from services.scoring.supply import WINDOW_DAYS, Floats, Ints, Supply, supply_of
from services.scoring.trend import BASELINE_DAYS, Trend, popularity_of, trends

PAST_DAYS = 730
"""How far back a customer's own past reaches: in one year, a slow fall hides in what it is measured by."""
HALF_YEAR = 182
"""Days: the half that counts as current, and the one before it."""

SHORTFALLS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "z_seats": pl.Float64,
    "z_event": pl.Float64,
    "expected": pl.Float64,
    "actual": pl.Float64,
    "attended_before": pl.Int32,
    "eligible": pl.Int32,
    "missed": pl.Int32,
    "current": pl.Int32,
    "previous": pl.Int32,
    "current_events": pl.Int32,
    "previous_events": pl.Int32,
    "last_attended": pl.Date,
}


def shortfalls(
    attendances: pl.DataFrame, events: pl.DataFrame, customers: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """One row per customer in the columns SHORTFALLS; nothing dated after `as_of` counts.

    The frames are those of `score_customers`; of attendances, customer_id, event_id and participant_id
    are enough. z_seats and z_event are in standard deviations, positive for fewer than expected, NaN
    where nothing was attended; z_event is the mean of the shortfall in seats and in coming at all.
    expected and actual are seats, recent events counting most. eligible: events of the last year.
    attended_before: of these, the ones attended at least BASELINE_DAYS ago. missed: of these, the ones on
    days after the last one attended. current and previous:
    seats in the last HALF_YEAR days and in the ones before, current_events and previous_events the
    events they were at.
    """
    supply = offered(events, customers, as_of)
    pairs, popularity = _pairs(attendances, supply)
    return shortfalls_of(pairs, supply, popularity)


def offered(events: pl.DataFrame, customers: pl.DataFrame, as_of: date) -> Supply:
    """What was on offer in the time that shortfalls are worked out from."""
    return supply_of(events, customers, as_of, days=PAST_DAYS)


def shortfalls_of(pairs: Attended, supply: Supply, popularity: pl.DataFrame) -> pl.DataFrame:
    """As `shortfalls`, where the pairs of `offered` and the popularity of its events are at hand."""
    found = trends(pairs, supply, popularity)
    return supply.customers.select("customer_id").with_columns(**_counts(pairs, supply, found))


def _pairs(attendances: pl.DataFrame, supply: Supply) -> tuple[Attended, pl.DataFrame]:
    missing = [
        pl.lit(None, kind).alias(name) for name, kind in _SIGNALS.items()
        if name not in attendances.columns
    ]  # fmt: skip
    rows = attended_rows(attendances.with_columns(missing), supply)
    pairs = attended_pairs(rows, supply)
    return pairs, popularity_of(pairs.seated, supply)


_SIGNALS = {
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
}


def _counts(pairs: Attended, supply: Supply, found: Trend) -> dict[str, pl.Series]:
    count = len(supply.customers)
    ago = supply.today - supply.days[pairs.event]
    last = np.full(count, -1)
    last[pairs.customer] = pairs.event  # pairs are in order, so the last one stays

    def events_if(fits: np.ndarray[Any, Any]) -> Ints:
        return np.bincount(pairs.customer, weights=fits.astype(float), minlength=count).astype(int)

    def seats_if(fits: np.ndarray[Any, Any]) -> Ints:
        weights = pairs.seats * fits
        return np.bincount(pairs.customer, weights=weights, minlength=count).astype(int)

    this_year = supply.today - supply.days < WINDOW_DAYS
    recent = ago < HALF_YEAR
    before = (ago >= HALF_YEAR) & (ago < 2 * HALF_YEAR)
    eligible = supply.total(this_year.astype(float)).astype(int)
    ints = {
        "attended_before": events_if((ago >= BASELINE_DAYS) & (ago < WINDOW_DAYS)),
        "eligible": eligible,
        "missed": np.minimum(missed_since(last, supply), eligible),
        "current": seats_if(recent),
        "previous": seats_if(before),
        "current_events": events_if(recent),
        "previous_events": events_if(before),
    }
    floats: dict[str, Floats] = {
        "z_seats": np.where(last >= 0, found.by_seats, np.nan),
        "z_event": found.z,
        "expected": found.expected,
        "actual": found.actual,
    }
    columns = {name: pl.Series(values) for name, values in floats.items()}
    columns |= {name: pl.Series(values).cast(pl.Int32) for name, values in ints.items()}
    return columns | {"last_attended": _days(last, supply)}


def _days(last: Ints, supply: Supply) -> pl.Series:
    held = supply.events["held_on"].to_physical().to_list() if len(supply.events) else [0]
    days = pl.Series(np.where(last >= 0, np.array(held)[last], -1)).cast(pl.Int32)
    return days.replace(-1, None).cast(pl.Date)
