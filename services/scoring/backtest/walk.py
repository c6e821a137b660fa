"""Looking back through time: on each day with what was known then, and nothing later. Pure, on frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from services.scoring.facts import Attended
from services.scoring.risk.alarm import LEAST_FALL, judged
from services.scoring.risk.shortfall import offered, shortfalls_of
from services.scoring.supply import Supply
from services.scoring.trend import popularity_of

EVERY_DAYS = 14
WARM_UP_DAYS = 180
"""Before the first look: there must be a past to compare with."""
MOST_LOOKS = 80
HORIZON_DAYS = 365
"""An alarm speaks of the year after it."""
LEAST_Z = 1.0
"""Looks below this are not kept: no threshold of interest lies there."""

LOOKS = {"customer_id": pl.Int64, "as_of": pl.Date, "z": pl.Float64, "fused": pl.Boolean}
OBSERVED = {
    "customer_id": pl.Int64,
    "looks": pl.Int64,
    "settled": pl.Int64,
    "first_judged": pl.Date,
    "last_judged": pl.Date,
}


@dataclass(frozen=True)
class Material:
    """seats: customer_id, event_id Int64, seats Int64. events, customers: as of `score_customers`, and
    customers' churned_on Date (null: still here). mail: on a day, the other channel's MAIL frame."""

    seats: pl.DataFrame
    events: pl.DataFrame
    customers: pl.DataFrame
    mail: Callable[[date], pl.DataFrame] | None = None


@dataclass(frozen=True)
class Walked:
    """looks (LOOKS): every look with enough history, at least 25% below and z of LEAST_Z or more;
    `fused`: judged by answers to mail too, which has a bar of its own.
    observed (OBSERVED): per customer how often it could be judged, how often so at least HORIZON_DAYS
    before the last look, and when first and last."""

    days: tuple[date, ...]
    looks: pl.DataFrame
    observed: pl.DataFrame


def days_between(first_event: date, until: date) -> list[date]:
    """Every EVERY_DAYS up to `until`, beginning WARM_UP_DAYS after the first event; the latest MOST_LOOKS."""
    start = first_event + timedelta(days=WARM_UP_DAYS)
    count = max(0, (until - start).days // EVERY_DAYS + 1)
    days = [until - timedelta(days=EVERY_DAYS * n) for n in range(min(count, MOST_LOOKS))]
    return days[::-1]


def walk(
    material: Material, days: Sequence[date], progress: Callable[[float], None] = lambda _: None
) -> Walked:
    """`progress` is told the share done, 0..1."""
    looks, judged_on = [], []
    for place, day in enumerate(days):
        rows = _look(material, day)
        known = rows.filter("enough").select("customer_id", as_of=pl.lit(day))
        judged_on.append(known)
        low = rows.filter("enough", pl.col("z") >= LEAST_Z, pl.col("below") >= LEAST_FALL)
        looks.append(low.select("customer_id", pl.lit(day).alias("as_of"), "z", "fused"))
        progress((place + 1) / len(days))
    every = pl.concat(judged_on) if judged_on else pl.DataFrame(schema={"customer_id": pl.Int64, "as_of": pl.Date})  # fmt: skip
    observed = every.group_by("customer_id").agg(
        looks=pl.len().cast(pl.Int64),
        settled=(pl.col("as_of") <= settled_by(days)).sum().cast(pl.Int64),
        first_judged=pl.col("as_of").min(),
        last_judged=pl.col("as_of").max(),
    )
    found = pl.concat(looks) if looks else pl.DataFrame(schema=LOOKS)
    return Walked(tuple(days), found, observed.sort("customer_id"))


def settled_by(days: Sequence[date]) -> date:
    """The year after looks up to this day is over."""
    return (days[-1] if days else date.min + timedelta(days=HORIZON_DAYS)) - timedelta(
        days=HORIZON_DAYS
    )


def _look(material: Material, day: date) -> pl.DataFrame:
    here = material.customers.filter(
        pl.col("churned_on").is_null() | (pl.col("churned_on") > day)
    ).drop("churned_on")
    supply = offered(material.events, here, day)
    pairs, popularity = pairs_on(material.seats, supply)
    short = shortfalls_of(pairs, supply, popularity)
    return judged(short, material.mail(day) if material.mail else None)


def pairs_on(seats: pl.DataFrame, supply: Supply) -> tuple[Attended, pl.DataFrame]:
    """Customer-event pairs of the window, and how full its events were, from seats counted once."""
    places = supply.events.select("event_id", e=pl.int_range(pl.len(), dtype=pl.Int32))
    holders = supply.customers.select("customer_id", c=pl.int_range(pl.len(), dtype=pl.Int32))
    rows = seats.join(places, on="event_id").join(holders, on="customer_id").sort("c", "e")
    fits = supply.eligible(rows["c"].to_numpy(), rows["e"].to_numpy())
    rows = rows.filter(pl.Series(fits))
    count = rows.height
    pairs = Attended(
        customer=rows["c"].to_numpy().astype(np.int64),
        event=rows["e"].to_numpy().astype(np.int64),
        seats=rows["seats"].to_numpy().astype(np.float64),
        depth=np.zeros(count),
        more=pl.DataFrame(),
        people=np.zeros(len(supply.customers), dtype=np.int64),
    )
    return pairs, popularity_of(rows, supply)
