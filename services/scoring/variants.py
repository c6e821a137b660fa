"""The same customers on other days, or under other weights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from services.scoring.components import components_and_facts
from services.scoring.facts import attended_pairs, attended_rows
from services.scoring.score import band_of, points_of, rounded, total_of, with_ranks
from services.scoring.supply import supply_of
from services.scoring.weights import COMPONENTS, WeightBook, Weights


def history(
    attendances: pl.DataFrame,
    events: pl.DataFrame,
    customer: pl.DataFrame,
    weights: Weights,
    as_ofs: Sequence[date],
) -> pl.DataFrame:
    """as_of Date, score Int16 (null without eligible events), one row per day asked for.

    `customer` is one row and `attendances` are its own, in the shapes of `score_customers`.
    """
    scores = [_score_on(day, attendances, events, customer, weights) for day in as_ofs]
    return pl.DataFrame(
        {"as_of": list(as_ofs), "score": scores}, schema={"as_of": pl.Date, "score": pl.Int16}
    )


def _score_on(
    day: date,
    attendances: pl.DataFrame,
    events: pl.DataFrame,
    customer: pl.DataFrame,
    weights: Weights,
) -> int | None:
    supply = supply_of(events, customer, day)
    pairs = attended_pairs(attended_rows(attendances, supply), supply)
    components, facts = components_and_facts(pairs, supply)
    if facts["eligible"].item() == 0:
        return None
    points = points_of(customer["segment"], WeightBook(default=weights))
    return int(rounded(total_of(components, points))[0])


def what_if(board: pl.DataFrame, weights: WeightBook) -> pl.DataFrame:
    """The board with score, band, rank and percentile as other weights would make them.

    Works from the stored components alone. `board` needs customer_id, score, attended and the
    components, and `segment` when the weights have segments of their own. The scores before are
    kept as `score_before`.
    """
    if weights.by_segment and "segment" not in board.columns:
        raise ValueError("a board without segment cannot be weighed by segment")
    segments = (
        board["segment"]
        if "segment" in board.columns
        else pl.Series([None] * len(board), dtype=pl.Utf8)
    )
    parts = {name: board[name].cast(pl.Float64).fill_null(0).to_numpy() for name in COMPONENTS}
    # Components may come back from a database in double precision; scores are made in single.
    parts = {name: values.astype(np.float32) for name, values in parts.items()}
    new = pl.Series(rounded(total_of(parts, points_of(segments, weights))), dtype=pl.Int16)
    known = pl.col("score").is_not_null()
    changed = board.with_columns(
        score_before=pl.col("score"), score=pl.when(known).then(new)
    ).with_columns(band=band_of(pl.col("score")))
    return with_ranks(changed)
