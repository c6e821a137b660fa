"""Engagement levels: how involved one person was at one event, in a word. Pure."""

from __future__ import annotations

import polars as pl

from services.depth import depth_columns

HIGH, MEDIUM = 0.70, 0.40
"""From this depth on. Somebody who stayed to the end and did nothing else, where questions, polls and
downloads were counted, has 0.44: medium. A question and every poll more makes 0.75: high."""
RULE = (
    "Share of the time stayed (weight 40), questions (25), polls answered (15), downloads (10) and "
    "feedback (10), over what the platform reported. High from 70%, medium from 40%; speakers are high. "
    "Without any of these there is no level."
)


def with_levels(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of people who came with `level` (high, medium, low; null when nothing was reported), and
    `depth` 0..1 beside it.

    `rows` has minutes, questions, polls, downloads, feedback, spoke of Attendance, and scheduled_minutes
    and polls_asked of the event.
    """
    depth = pl.col("row_depth")
    level = pl.when(depth >= HIGH).then(pl.lit("high"))
    level = level.when(depth >= MEDIUM).then(pl.lit("medium")).otherwise(pl.lit("low"))
    return (
        rows.with_columns(depth_columns())
        .with_columns(
            level=pl.when("row_reported").then(level),
            depth=pl.when("row_reported").then(depth),
        )
        .drop("row_depth", "row_reported")
    )
