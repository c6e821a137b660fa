"""The engagement score of every customer as of a day, with the facts it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from services.scoring.components import components_and_facts
from services.scoring.facts import Rows, attended_before, attended_pairs, attended_rows
from services.scoring.supply import Floats, Ints, Supply, supply_of
from services.scoring.trend import event_popularity, labels, popularity_of, trends
from services.scoring.weights import COMPONENTS, WeightBook

HIGH, GOOD, MEDIUM = 80, 60, 40

# A total of exactly x.5 goes up; storing components in single precision may not change that.
ROUNDING = 0.5 + 1e-4

NO_DATA, NO_ATTENDANCE, SCORED = "no_data", "no_attendance", "scored"


def score_customers(
    attendances: pl.DataFrame,
    events: pl.DataFrame,
    customers: pl.DataFrame,
    *,
    weights: WeightBook,
    as_of: date,
    only: pl.Series | None = None,
) -> pl.DataFrame:
    """One row per customer; nothing dated after `as_of`, or 365 days or more before it, counts.

    attendances: customer_id, event_id, participant_id Int64, minutes, feedback Float32, questions,
        polls, downloads Int32 (null: not reported), spoke Boolean; one row per person and event
        attended.
    events: event_id Int64, held_on Date, type Utf8, scheduled_minutes Float32, polls_asked Int32,
        segments, regions List(Utf8) (null: open to all); held and not cancelled.
    customers: customer_id Int64, segment, region Utf8, started_on Date (null: always).

    Result: customer_id, score Int16 (null when nothing was eligible), state, band, the components
    Float32 in 0..1 (null without data), attended and eligible (events), people, last_attended, and
    the raw facts behind each component; `months` are the attended events of the last 12 calendar
    months, oldest first; `attended_outside` and `attended_before` are events attended in the window
    that were not eligible, and any in the 365 days before the window. Attendance at an event that
    is not eligible changes no component.

    `only` (customer ids) gives just those rows, equal to the full run's except that rank and
    percentile are null: they depend on everyone, see `with_ranks`. All attendances and customers
    must be passed even so, as trends compare with the others; where the popularity of the events
    is at hand, `score_touched` does without them.
    """
    if only is None:
        supply = supply_of(events, customers, as_of)
        rows = attended_rows(attendances, supply)
        before = attended_before(attendances, events, supply)
        return with_ranks(_board(rows, supply, before, None, weights))
    wanted = pl.DataFrame({"customer_id": only.cast(pl.Int64).unique()})
    return score_touched(
        attendances.join(wanted, on="customer_id", how="semi"),
        events,
        customers.join(wanted, on="customer_id", how="semi"),
        weights=weights,
        as_of=as_of,
        popularity=event_popularity(attendances, events, customers, as_of=as_of),
    )


def score_touched(
    attendances: pl.DataFrame,
    events: pl.DataFrame,
    customers: pl.DataFrame,
    *,
    weights: WeightBook,
    as_of: date,
    popularity: pl.DataFrame,
) -> pl.DataFrame:
    """As `score_customers` for the customers given, from their attendances alone.

    `popularity` is that of `event_popularity` over all customers at the same `as_of`.
    """
    supply = supply_of(events, customers, as_of)
    rows = attended_rows(attendances, supply)
    before = attended_before(attendances, events, supply)
    board = _board(rows, supply, before, popularity, weights)
    nobody = {"rank": pl.Int32, "percentile": pl.Float32}
    return board.with_columns(pl.lit(None, kind).alias(name) for name, kind in nobody.items())


def with_ranks(board: pl.DataFrame) -> pl.DataFrame:
    """Rank Int32 by score, then events attended, then id; percentile Float32 0..100.

    The percentile is the share of the other customers with data that score lower. Customers
    without data come last and have no percentile.
    """
    order = board.select("customer_id", "score", "attended").sort(
        ["score", "attended", "customer_id"], descending=[True, True, False], nulls_last=True
    )
    lower = pl.col("score").rank("min") - 1
    others = pl.col("score").count() - 1
    share = pl.when(others > 0).then(lower / others * 100).otherwise(100.0)
    placed = order.select(
        "customer_id",
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32),
        percentile=pl.when(pl.col("score").is_not_null()).then(share).cast(pl.Float32),
    )
    return board.drop("rank", "percentile", strict=False).join(
        placed, on="customer_id", how="left", maintain_order="left"
    )


def total_of(
    components: Mapping[str, npt.NDArray[np.floating[Any]]], points: Mapping[str, Floats]
) -> Floats:
    """Unrounded score 0..100: components (0..1) times points, per customer."""
    total = sum(
        (components[name].astype(np.float64) * points[name] for name in COMPONENTS),
        start=np.zeros(len(components[COMPONENTS[0]])),
    )
    return np.asarray(total)


def rounded(total: Floats) -> Ints:
    return np.floor(np.clip(total, 0, 100) + ROUNDING).astype(np.int64)


def band_of(score: pl.Expr) -> pl.Expr:
    return (
        pl.when(score >= HIGH)
        .then(pl.lit("high"))
        .when(score >= GOOD)
        .then(pl.lit("good"))
        .when(score >= MEDIUM)
        .then(pl.lit("medium"))
        .when(score >= 0)
        .then(pl.lit("low"))
    )


def points_of(segments: pl.Series, weights: WeightBook) -> dict[str, Floats]:
    """Component -> points per customer, from the weights of its segment."""
    distinct = segments.unique()
    books = [weights.of(segment).as_dict() for segment in distinct]
    table = pl.DataFrame(books, schema=dict.fromkeys(COMPONENTS, pl.Float64), orient="row")
    per_row = segments.to_frame("segment").join(
        table.with_columns(distinct.alias("segment")),
        on="segment",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return {name: per_row[name].to_numpy() for name in COMPONENTS}


def _board(
    rows: Rows,
    supply: Supply,
    before: pl.Series,
    popularity: pl.DataFrame | None,
    weights: WeightBook,
) -> pl.DataFrame:
    """`popularity` is worked out where the rows are everybody's."""
    attended = attended_pairs(rows, supply)
    if popularity is None:
        popularity = popularity_of(attended.seated, supply)
    components, facts = components_and_facts(attended, supply)
    total = total_of(components, points_of(supply.customers["segment"], weights))
    trend = trends(attended, supply, popularity)
    board = supply.customers.select("customer_id").with_columns(
        score=pl.Series(rounded(total), dtype=pl.Int16),
        **{name: pl.Series(values) for name, values in components.items()},
        **facts,
        attended_outside=pl.Series(rows.outside.astype(np.int32)),
        attended_before=before,
        trend=labels(trend.z, facts["eligible"].to_numpy()),
        shortfall_z=pl.Series(trend.z.astype(np.float32)).fill_nan(None),
        expected_seats=pl.Series(trend.expected.astype(np.float32)),
        actual_seats=pl.Series(trend.actual.astype(np.float32)),
    )
    return _with_state(board)


def _with_state(board: pl.DataFrame) -> pl.DataFrame:
    known = pl.col("eligible") > 0
    state = (
        pl.when(~known)
        .then(pl.lit(NO_DATA))
        .when(pl.col("attended") == 0)
        .then(pl.lit(NO_ATTENDANCE))
        .otherwise(pl.lit(SCORED))
    )
    return board.with_columns(
        state.alias("state"),
        *(pl.when(known).then(pl.col(name)).alias(name) for name in ("score", *COMPONENTS)),
    ).with_columns(band_of(pl.col("score")).alias("band"))
