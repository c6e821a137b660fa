"""What the matcher answers: the columns, the bands, the question that would settle a row."""

from __future__ import annotations

import polars as pl

from services.matching.reasons import sentences

AUTOMATIC, REVIEW = 0.90, 0.50
EXCLUDED = ("own_staff", "test_address", "notetaker")
CANDIDATES = pl.List(pl.Struct({"customer_id": pl.Int64, "confidence": pl.Float32}))
VERDICT = {
    "row": pl.UInt32,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "confidence": pl.Float64,
    "evidence": pl.Utf8,
    "candidates": CANDIDATES,
}
RESULT = {
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "confidence": pl.Float32,
    "band": pl.Utf8,
    "evidence": pl.Utf8,
    "reason": pl.Utf8,
    "question_kind": pl.Utf8,
    "question_key": pl.Utf8,
    "candidates": CANDIDATES,
}


def verdicts(found: pl.DataFrame) -> pl.DataFrame:
    """`found` with the VERDICT columns it lacks as nulls."""
    missing = [c for c in VERDICT if c not in found.columns]
    found = found.with_columns(pl.lit(None).alias(c) for c in missing)
    return found.select(pl.col(name).cast(kind) for name, kind in VERDICT.items())


def finished(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """VERDICT columns plus `key`, `domain`, `root`, `free`, `company`, `full` -> `row` and RESULT columns.

    Only an automatic match names a customer; what review would propose is the first candidate.
    """
    sure = pl.col("confidence")
    band = pl.when(pl.col("evidence").is_in(EXCLUDED)).then(pl.lit("excluded"))
    band = band.when(sure >= AUTOMATIC).then(pl.lit("automatic"))
    band = band.when(sure >= REVIEW).then(pl.lit("review")).otherwise(pl.lit("unmatched"))
    first = pl.col("candidates").list.first().struct.field("customer_id")
    rows = rows.with_columns(band=band, subject=pl.coalesce("customer_id", first))
    rows = rows.join(sentences(rows, customers), on="row")
    automatic = pl.col("band") == "automatic"
    asking = pl.col("band").is_in(["review", "unmatched"]) & (pl.col("evidence") != "answer_nobody")
    corporate = pl.col("domain").is_not_null() & ~pl.col("free").fill_null(value=False)
    # What is recorded outranks any answer on the domain, so a shared address is asked about itself.
    kind = pl.when(pl.col("evidence") == "shared_email").then(pl.lit("email"))
    kind = kind.when(corporate).then(pl.lit("domain"))
    kind = kind.when(pl.col("full").is_not_null()).then(pl.lit("name"))
    only = pl.concat_list(pl.struct("customer_id", confidence=sure.cast(pl.Float32)))
    proposed = pl.when(pl.col("customer_id").is_not_null()).then(only)
    rows = rows.with_columns(
        candidates=pl.when(asking).then(pl.coalesce("candidates", proposed)).fill_null([]),
        question_kind=pl.when(asking).then(kind),
    )
    asked = pl.when(pl.col("question_kind") == "email").then("key")
    asked = asked.when(pl.col("question_kind") == "domain").then("root")
    return rows.with_columns(
        pl.when(automatic).then("customer_id").alias("customer_id"),
        pl.when(automatic).then("stakeholder_id").alias("stakeholder_id"),
        question_key=asked.when(pl.col("question_kind") == "name").then("full"),
    ).select("row", *(pl.col(name).cast(kind) for name, kind in RESULT.items()))
