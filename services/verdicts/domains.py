"""What a recipient's domain gives away: a company scans all its mail, or none of it."""

from __future__ import annotations

from itertools import pairwise

import polars as pl

from services.verdicts import hits

FAST = 120.0
"""Seconds: clicks faster than this are counted to know the domain."""
FAST_SHARE, LEAST = 0.25, 6
"""Of deliveries with a fast click, over at least so many deliveries, where mail is scanned."""
QUIET_SHARE = 0.05
"""Below it, a domain's clicks are taken as those of people alone."""
AGES = (180.0, 240.0, 300.0, 400.0, 500.0, 600.0, 900.0)
"""Seconds. Up to the first, clicks at a scanning domain are the scanner's; beyond, as far as they are
still EXCESS times as common there as at quiet domains."""
EXCESS = 3.0
_LEAST_CLICKS = 8
MACHINE_SHARE = 0.30


def learned(clicks: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """`reason` filled for what passed the other rules at a domain that scans."""
    sizes = deliveries.group_by("domain").agg(deliveries=pl.col("message").n_unique())
    clicks = clicks.join(sizes, on="domain", how="left")
    clicks = _with_share(clicks, pl.col("age") < FAST, "fast_share")
    known = pl.col("deliveries") >= LEAST
    scans = known & (pl.col("fast_share") >= FAST_SHARE)
    clicks = _reason(clicks, scans & (pl.col("age") < AGES[0]), "fast_domain")
    clicks = _with_share(clicks, pl.col("reason").is_not_null(), "machine_share")
    clicks = hits.many_links(clicks, "in_minute", seconds=60, links=3)
    scanning = (
        (pl.col("machine_share") > MACHINE_SHARE)
        & pl.col("in_minute")
        & (pl.col("age") < hits.SOON)
    )
    clicks = _reason(clicks, scanning, "scanning_domain")
    # A mail whose scan has been seen is not scanned again: what follows is the reader.
    unseen = pl.col("reason").is_null().all().over("message")
    clicks = clicks.with_columns(scans=scans, late=scans & unseen)
    late = pl.col("late") & (pl.col("age") < _cutoff(clicks, sizes))
    return _reason(clicks, late, "fast_domain")


def _cutoff(clicks: pl.DataFrame, sizes: pl.DataFrame) -> float:
    """The age up to which a click that may be a `late` scan rather is one.

    Queues let some scans through late, and how late differs from time to time, so it is read off quiet
    domains: there, clicks of that age are people's.
    """
    theirs = clicks.filter(pl.col("scans").fill_null(value=False))
    loud = clicks.filter(pl.col("fast_share") >= QUIET_SHARE)["domain"].unique()
    quiet = sizes.filter((pl.col("deliveries") >= LEAST) & ~pl.col("domain").is_in(loud.implode()))
    seen = theirs.filter(pl.col("reason").is_not_null())["message"].n_unique()
    at_theirs = int(theirs.unique("domain")["deliveries"].sum()) - seen
    at_others = int(quiet["deliveries"].sum())
    if at_theirs <= 0 or at_others <= 0:
        return AGES[0]
    at_scanning = clicks.filter("late")["age"]
    passed = clicks.filter(pl.col("reason").is_null())
    at_quiet = passed.join(quiet, on="domain", how="semi")["age"]
    for since, until in pairwise(AGES):
        here = int(at_scanning.is_between(since, until, closed="left").sum())
        there = int(at_quiet.is_between(since, until, closed="left").sum())
        # Half a click more at the quiet ones, so that none at all is no proof.
        if here < _LEAST_CLICKS or here / at_theirs < EXCESS * (there + 0.5) / at_others:
            return since
    return AGES[-1]


def _with_share(clicks: pl.DataFrame, counts: pl.Expr, name: str) -> pl.DataFrame:
    """With the share, per domain, of deliveries that have a click for which `counts` holds."""
    shares = (
        clicks.filter(counts.fill_null(value=False))
        .group_by("domain")
        .agg((pl.col("message").n_unique() / pl.col("deliveries").first()).alias(name))
    )
    return clicks.join(shares, on="domain", how="left")


def _reason(clicks: pl.DataFrame, holds: pl.Expr, code: str) -> pl.DataFrame:
    return clicks.with_columns(
        reason=pl.coalesce("reason", pl.when(holds.fill_null(value=False)).then(pl.lit(code)))
    )
