"""When a shortfall is worth somebody's time: the thresholds, and the two that are one's own to know."""

from __future__ import annotations

from math import sqrt

import polars as pl

ALERT_EVENTS, WATCH_EVENTS = 1.95, 1.8
ALERT_FUSED, WATCH_FUSED = 1.77, 1.65
"""Standard deviations; set beforehand on simulated portfolios, see docs/benchmarks.md."""
LEAST_BEFORE = 4
"""Events attended 90 days ago or earlier, without which there is no past to compare with."""
LEAST_CAMPAIGNS = 8
"""Campaigns in the year from which on the response to mail has a say."""
LEAST_FALL = 0.25
"""Share below the expected: a big customer's small dip can be improbable and yet not matter."""
COOL_DOWN_DAYS = 180
RECOVERY_DAYS = 30

MAIL = {"customer_id": pl.Int64, "z_mail": pl.Float64, "campaigns": pl.Int32}
"""What another channel has to say: its shortfall as `shortfalls` gives z_seats for it, and over how many
campaigns of the year."""


def judged(short: pl.DataFrame, mail: pl.DataFrame | None = None) -> pl.DataFrame:
    """`short` (SHORTFALLS) with what is made of it.

    mail: columns MAIL, for the customers it knows of.
    Adds z_mail Float64, fused, enough Boolean (enough history to judge), z, below Float64 (share below
    the expected, 0..1), bar Float64 (what z must reach to be watched) and level Utf8: 'alert', 'watch'
    or null.
    """
    known = (mail if mail is not None else pl.DataFrame(schema=MAIL)).filter(
        pl.col("campaigns") >= LEAST_CAMPAIGNS, pl.col("z_mail").is_not_nan()
    )
    joined = short.join(
        known.select("customer_id", "z_mail"), on="customer_id", how="left", maintain_order="left"
    ).with_columns(pl.col("z_event", "z_seats").fill_nan(None))
    fused = pl.col("z_mail").is_not_null() & pl.col("z_seats").is_not_null()
    both = (pl.col("z_seats") + pl.col("z_mail")) / sqrt(2)
    gap = (pl.col("expected") - pl.col("actual")) / pl.col("expected")
    rated = joined.with_columns(
        fused=fused,
        z=pl.when(fused).then(both).otherwise(pl.col("z_event")),
        enough=pl.col("attended_before") >= LEAST_BEFORE,
        below=pl.when(pl.col("expected") > 0).then(gap).otherwise(0.0).clip(0.0, 1.0),
        bar=pl.when(fused).then(WATCH_FUSED).otherwise(WATCH_EVENTS),
        alert_bar=pl.when(fused).then(ALERT_FUSED).otherwise(ALERT_EVENTS),
    )
    counts = pl.col("enough") & (pl.col("below") >= LEAST_FALL)
    level = (
        pl.when(counts & (pl.col("z") >= pl.col("alert_bar")))
        .then(pl.lit("alert"))
        .when(counts & (pl.col("z") >= pl.col("bar")))
        .then(pl.lit("watch"))
    )
    return rated.with_columns(level=level).drop("alert_bar")
