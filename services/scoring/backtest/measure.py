"""What the alarm would have been worth: how early, how often right, how many found. Pure, on frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from services.figures import FEWEST, Share, share_of
from services.scoring.backtest.walk import EVERY_DAYS, HORIZON_DAYS, Walked
from services.scoring.risk.alarm import ALERT_EVENTS, ALERT_FUSED, COOL_DOWN_DAYS, WATCH_EVENTS

THRESHOLDS = (None, 1.2, 1.5, 1.65, WATCH_EVENTS, ALERT_EVENTS, 2.1, 2.4, 2.7)
"""None: the alert in force, each customer at the bar of those that are judged as it is."""
LEAST_LEAD = 30
"""Days before the end: later is too late to do anything."""
_YEAR = 365.25
LEAVERS = ("customer_id", "churned_on", "flagged_on", "lead")
"""`flagged_on`: the first alarm of the year before, LEAST_LEAD days ahead or more; `lead` in days; both empty
without one."""


@dataclass(frozen=True)
class Measured:
    """At one of THRESHOLDS. precision: of the alarms whose year is over (or who left in it), how many left.
    recall: of those who left and could have been judged in the year before, how many were found at least
    LEAST_LEAD days ahead. lead: median days from the first such alarm to the end. false_alarms:
    on those who have stayed, a year or more ago; stayer_years: the customer-years in which they could be. Shares under FEWEST cases are not worth a figure."""

    threshold: float | None
    alarms: int
    precision: Share
    recall: Share
    lead: float | None
    false_alarms: int
    stayer_years: float

    @property
    def false_per_100(self) -> float | None:
        return 100 * self.false_alarms / self.stayer_years if self.stayer_years >= 1 else None


def enough(share: Share) -> bool:
    return share.of >= FEWEST


def measured(
    walked: Walked,
    churn: pl.DataFrame,
    until: date,
    thresholds: Sequence[float | None] = THRESHOLDS,
) -> list[Measured]:
    """churn: customer_id Int64, churned_on Date (null: still here) of the customers that count."""
    observed = walked.observed.join(churn, on="customer_id")
    looks = walked.looks.join(churn, on="customer_id")
    if "fused" not in looks.columns:  # kept by a version that did not tell
        thresholds = [one for one in thresholds if one is not None]
    return [_at(one, looks, observed, until) for one in thresholds]


def alarms_of(looks: pl.DataFrame, threshold: float | None) -> pl.DataFrame:
    """customer_id, as_of of the looks that would have raised an alarm: one, then silence for a while."""
    bar = pl.lit(threshold)
    if threshold is None:
        bar = pl.when("fused").then(ALERT_FUSED).otherwise(ALERT_EVENTS)
    left = looks.filter(pl.col("z") >= bar).select("customer_id", "as_of")
    found = [left.clear()]
    while left.height:
        first = left.group_by("customer_id").agg(pl.col("as_of").min())
        found.append(first)
        quiet = first.select("customer_id", until=pl.col("as_of") + timedelta(days=COOL_DOWN_DAYS))
        left = left.join(quiet, on="customer_id").filter(pl.col("as_of") >= pl.col("until"))
        left = left.drop("until")
    return pl.concat(found).sort("customer_id", "as_of")


def flagged(left: pl.DataFrame) -> Share:
    """Of those who left (LEAVERS), how many had an alarm at least LEAST_LEAD days before."""
    return share_of(left["lead"].count(), left.height)


def leavers(alarms: pl.DataFrame, observed: pl.DataFrame) -> pl.DataFrame:
    """LEAVERS: who left and could have been judged in the year before. Of `alarms` customer_id, as_of;
    of `observed` customer_id, first_judged, last_judged and churned_on."""
    left = observed.filter(
        pl.col("churned_on").is_not_null(),
        (pl.col("churned_on") - pl.col("last_judged")).dt.total_days() <= HORIZON_DAYS,
        (pl.col("churned_on") - pl.col("first_judged")).dt.total_days() >= LEAST_LEAD,
    ).select("customer_id", "churned_on")
    ahead = (pl.col("churned_on") - pl.col("as_of")).dt.total_days()
    early = (
        alarms.select("customer_id", "as_of")
        .join(left, on="customer_id")
        .filter(ahead >= LEAST_LEAD, ahead <= HORIZON_DAYS)
        .group_by("customer_id")
        .agg(flagged_on=pl.col("as_of").min(), lead=ahead.max())
    )
    return left.join(early, on="customer_id", how="left").select(*LEAVERS)


def _at(
    threshold: float | None, looks: pl.DataFrame, observed: pl.DataFrame, until: date
) -> Measured:
    churn = observed.select("customer_id", "churned_on")
    alarms = alarms_of(looks, threshold).join(churn, on="customer_id")
    ahead = (pl.col("churned_on") - pl.col("as_of")).dt.total_days()
    alarms = alarms.with_columns(
        ahead=ahead,
        over=(pl.col("as_of") <= until - timedelta(days=HORIZON_DAYS))
        | (ahead <= HORIZON_DAYS).fill_null(value=False),
        hit=(ahead <= HORIZON_DAYS).fill_null(value=False),
    )
    settled = alarms.filter("over")
    left = leavers(alarms, observed)
    stayers = observed.filter(pl.col("churned_on").is_null())
    years = float(stayers["settled"].sum()) * EVERY_DAYS / _YEAR
    median = left["lead"].median()
    return Measured(
        threshold=threshold,
        alarms=alarms.height,
        precision=share_of(settled.filter("hit").height, settled.height),
        recall=flagged(left),
        lead=float(median) if isinstance(median, int | float) else None,
        false_alarms=settled.filter(pl.col("churned_on").is_null()).height,
        stayer_years=years,
    )
