"""What is kept of a verdict with a person (MATCH), whoever they are: as tables have it, and whether it is another."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from services.matching.verdict import MATCH

_ALIKE = 1e-6
"""Confidences nearer than this are the same: their last digits hang on how wide the column is."""


def stored_match(found: pl.DataFrame) -> pl.DataFrame:
    """The MATCH columns of staged or matched people, as the tables have them."""
    plain = [name for name in MATCH if name != "candidates"]
    return found.select(*plain, _candidates_text(found["candidates"]))


def differs(columns: Sequence[str] = MATCH) -> pl.Expr:
    """Whether any of `columns` is another than in the column of the same name with `_was`."""
    return pl.any_horizontal(
        pl.col(c).ne_missing(pl.col(f"{c}_was"))
        if c != "confidence"
        else (pl.col(c) - pl.col(f"{c}_was")).abs() > _ALIKE
        for c in columns
    )


def _candidates_text(candidates: pl.Series) -> pl.Series:
    """[[customer id, confidence], …] as JSON text; null where nobody has to decide.

    Spelled for those alone who have candidates: most have none, and spelling costs as much for them.
    """
    pair = pl.format(
        "[{}, {}]",
        pl.element().struct.field("customer_id"),
        pl.element().struct.field("confidence").round(3),
    )
    asked = pl.col("candidates").list.len() > 0
    spelled = pl.format("[{}]", pl.col("candidates").list.eval(pair).list.join(", "))
    table = candidates.alias("candidates").to_frame().with_row_index()
    texts = table.filter(asked).select("index", text=spelled)
    return (
        table.select("index")
        .join(texts, on="index", how="left", maintain_order="left")["text"]
        .alias("candidates")
    )
