"""How many customers stand in each band."""

from __future__ import annotations

import polars as pl

from services.scoring.score import GOOD, HIGH, MEDIUM

BANDS = (
    ("high", HIGH, 100),
    ("good", GOOD, HIGH - 1),
    ("medium", MEDIUM, GOOD - 1),
    ("low", 0, MEDIUM - 1),
)


def distribution(board: pl.DataFrame, by: str | None = None) -> pl.DataFrame:
    """Customers per band, for everyone or per value of the column `by` (segment, CSM).

    Columns: the `by` column if given (nulls stay a group of their own), band Utf8, lowest, highest
    Int32 (scores), customers Int32, share Float64 (of the group's customers with a score, 0..1;
    null when it has none). Every group has all four bands, high first; customers without data are
    in none.
    """
    bands = pl.DataFrame(
        BANDS, schema={"band": pl.Utf8, "lowest": pl.Int32, "highest": pl.Int32}, orient="row"
    )
    keys = [] if by is None else [by]
    counts = board.group_by(*keys, "band").agg(customers=pl.len().cast(pl.Int32))
    groups = board.select(keys).unique().sort(keys, nulls_last=True) if keys else None
    grid = bands if groups is None else groups.join(bands, how="cross", maintain_order="left_right")
    total = pl.col("customers").sum().over(keys) if keys else pl.col("customers").sum()
    return (
        grid.join(counts, on=[*keys, "band"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("customers").fill_null(0))
        .with_columns(share=pl.when(total > 0).then(pl.col("customers") / total))
    )
