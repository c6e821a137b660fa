"""The alarm let loose on a simulated world, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from bench.decline.world import DAYS, START, World
from services.scoring.backtest.measure import alarms_of
from services.scoring.backtest.walk import EVERY_DAYS, Material, pairs_on, walk
from services.scoring.risk.alarm import (
    ALERT_EVENTS,
    ALERT_FUSED,
    WATCH_EVENTS,
    WATCH_FUSED,
)
from services.scoring.risk.shortfall import offered, shortfalls_of

FIRST_LOOK = 365
LEAST_LEAD = 30
LEAST_ATTENDED = 6
"""Churners with less behind them at the onset do not count as findable."""
BARS = {"events": {"alert": ALERT_EVENTS, "watch": WATCH_EVENTS},
        "fused": {"alert": ALERT_FUSED, "watch": WATCH_FUSED}}  # fmt: skip


@dataclass(frozen=True)
class Quality:
    """found of findable gradual churners had an alarm between onset and 30 days before the end; leads in
    days of those found; false alarms on stable customers within stable_years customer-years."""

    channel: str
    level: str
    found: int
    findable: int
    leads: tuple[float, ...]
    false_alarms: int
    stable_years: float

    @property
    def detected(self) -> float:
        return self.found / self.findable if self.findable else float("nan")

    @property
    def lead(self) -> float:
        return float(np.median(self.leads)) if self.leads else float("nan")

    @property
    def false_per_100(self) -> float:
        return 100 * self.false_alarms / self.stable_years


def qualities(world: World) -> list[Quality]:
    """Events alone and fused with mail, at the thresholds of the product."""
    days = [START + timedelta(days=d) for d in range(FIRST_LOOK, DAYS, EVERY_DAYS)]
    events = Material(world.seats, world.events, world.customers)
    mails = {day: mail_on(world, day) for day in days}
    fused = Material(world.seats, world.events, world.customers, mails.__getitem__)
    found = []
    for channel, material in (("events", events), ("fused", fused)):
        looks = walk(material, days)
        found += [
            _quality(world, looks.looks, looks.observed, channel, level) for level in BARS[channel]
        ]
    return found


def mail_on(world: World, day: date) -> pl.DataFrame:
    """The other channel's shortfall on the day, by the product's own arithmetic."""
    here = world.customers.filter(
        pl.col("churned_on").is_null() | (pl.col("churned_on") > day)
    ).drop("churned_on")
    supply = offered(world.campaigns, here, day)
    pairs, popularity = pairs_on(world.answers, supply)
    short = shortfalls_of(pairs, supply, popularity)
    return short.select("customer_id", z_mail="z_seats", campaigns="eligible")


def _quality(
    world: World, looks: pl.DataFrame, observed: pl.DataFrame, channel: str, level: str
) -> Quality:
    alarms = alarms_of(looks, BARS[channel][level]).join(world.truth, on="customer_id")
    findable = _findable(world)
    ahead = (pl.col("churned_on") - pl.col("as_of")).dt.total_days()
    hits = alarms.join(findable, on="customer_id", how="semi").filter(
        pl.col("as_of") >= pl.col("onset"), ahead >= LEAST_LEAD
    )
    leads = hits.group_by("customer_id").agg(lead=ahead.max())["lead"]
    stable = world.truth.filter(pl.col("course") == "stable").select("customer_id")
    looks_at = int(observed.join(stable, on="customer_id")["looks"].sum())
    years = looks_at * EVERY_DAYS / 365.25
    wrong = alarms.join(stable, on="customer_id", how="semi").height
    return Quality(
        channel, level, len(leads), findable.height, tuple(leads.to_list()), wrong, years
    )


def _findable(world: World) -> pl.DataFrame:
    """Gradual churners that came to LEAST_ATTENDED events in the year before the onset."""
    gradual = world.truth.filter(pl.col("course") == "gradual")
    came = (
        world.seats.join(world.events.select("event_id", "held_on"), on="event_id")
        .join(gradual, on="customer_id")
        .filter(
            pl.col("held_on") < pl.col("onset"),
            pl.col("held_on") >= pl.col("onset") - timedelta(days=365),
        )
        .group_by("customer_id")
        .agg(events=pl.len())
    )
    late = gradual.filter(pl.col("onset") >= START + timedelta(days=FIRST_LOOK))
    return late.join(
        came.filter(pl.col("events") >= LEAST_ATTENDED), on="customer_id", how="semi"
    ).select("customer_id")
