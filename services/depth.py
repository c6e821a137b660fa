"""How involved one person was at one event: scores and engagement levels are made of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

UNREPORTED_DEPTH = 0.5
SIGNAL_WEIGHTS = {"minutes": 0.40, "questions": 0.25, "polls": 0.15, "downloads": 0.10}
FEEDBACK_WEIGHT = 0.10


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
