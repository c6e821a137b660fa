"""From rows to records: fold the rows of one record, compare with what is there, say what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from services.customers.plan import CREATED, MERGED, REJECTED, ROW, UNCHANGED, UPDATED

LINK = {"id": pl.Int64, "label": pl.Utf8}


def renumbered(rows: pl.DataFrame) -> pl.DataFrame:
    """New records numbered -1, -2, … without the gaps that rejected rows left."""
    place = -(-pl.col("id")).rank("dense").cast(pl.Int64)
    fresh = rows.filter(pl.col("id") < 0).with_columns(id=place)
    return pl.concat([rows.filter(pl.col("id") >= 0), fresh]).sort("line")


def fold(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """One row per id: in each column the last cell that is not blank."""
    rows = rows.select("id", *columns)
    if rows["id"].is_unique().all():
        return rows
    last = (pl.col(c).drop_nulls().last() for c in columns)
    return rows.group_by("id", maintain_order=True).agg(last)


def compared(
    incoming: pl.DataFrame, known: pl.DataFrame, labels: Mapping[str, str]
) -> pl.DataFrame:
    """`incoming` with blanks filled from `known` (same columns), and `changes`: the labels of what differs.

    A blank cell never erases. `changes` is null where nothing differs and for new records.
    """
    columns = [c for c in incoming.columns if c != "id"]
    both = incoming.join(
        known.select("id", *columns), on="id", how="left", suffix="_was", maintain_order="left"
    )
    both = both.with_columns(pl.coalesce(c, f"{c}_was").alias(c) for c in columns)
    there = pl.col("id") > 0
    told = [
        pl.when(there & pl.col(c).ne_missing(pl.col(f"{c}_was"))).then(pl.lit(labels[c]))
        for c in columns
    ]
    said = pl.concat_str(told, separator=", ", ignore_nulls=True)
    return both.with_columns(changes=pl.when(said != "").then(said)).drop(
        f"{c}_was" for c in columns
    )


def row_verdicts(
    rows: pl.DataFrame, settled: pl.DataFrame, changes: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """The ROW frame. `rows`: line, name, problem, note of every record; `settled`: line, id and
    problem of those that could be read; `changes`: frames of LINK, one row per id and what changed."""
    told = pl.concat([c.select(*LINK) for c in changes]).unique(maintain_order=True)
    by_id = told.group_by("id", maintain_order=True).agg(changes=pl.col("label").str.join(", "))
    found = settled.select("line", "id", late="problem", late_note="note")
    table = rows.select("line", "name", "problem", "note").join(
        found, on="line", how="left", maintain_order="left"
    )
    table = table.with_columns(
        problem=pl.coalesce("problem", "late"), note=pl.coalesce("late_note", "note")
    )
    rejected = pl.col("problem").is_not_null()
    table = table.with_columns(id=pl.when(~rejected).then(pl.col("id")))
    table = table.join(by_id, on="id", how="left", maintain_order="left")
    further = pl.col("line") != pl.col("line").min().over("id")
    touched = (pl.col("id") < 0) | pl.col("changes").is_not_null()
    verdict = (
        pl.when(rejected)
        .then(pl.lit(REJECTED))
        .when(~touched)
        .then(pl.lit(UNCHANGED))
        .when(further)
        .then(pl.lit(MERGED))
        .when(pl.col("id") < 0)
        .then(pl.lit(CREATED))
        .otherwise(pl.lit(UPDATED))
    )
    reason = pl.when(rejected).then(pl.col("problem")).otherwise(pl.col("note"))
    told = pl.when(pl.col("id") > 0).then(pl.col("changes"))
    return table.with_columns(verdict=verdict, note=reason, changes=told).select(*ROW)
