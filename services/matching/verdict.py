"""What the matcher answers: the columns, the bands, the question that would settle a row."""

from __future__ import annotations

import numpy as np
import polars as pl

from services.matching.reasons import sentences

AUTOMATIC, REVIEW = 0.90, 0.50
NOBODY = ("answer_nobody", "conflict_nobody")
PART, LONGEST = "|", 300
"""Stands between domain and company in the key of a question (see parts.py), and how long a key can be."""
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

MATCH = [
    "customer_id",
    "stakeholder_id",
    "band",
    "confidence",
    "evidence",
    "question_kind",
    "question_key",
    "candidates",
]
"""What is kept of a verdict with a person: participant, recipient or requester."""
FLAT = [
    name for name in RESULT if name != "candidates"
]  # a list is far dearer to carry than a value
OFFER = {"row": pl.UInt32, "customer_id": pl.Int64, "confidence": pl.Float32}


def verdicts(found: pl.DataFrame) -> pl.DataFrame:
    """`found` with the VERDICT columns it lacks as nulls."""
    missing = [c for c in VERDICT if c not in found.columns]
    found = found.with_columns(pl.lit(None).alias(c) for c in missing)
    return found.select(pl.col(name).cast(kind) for name, kind in VERDICT.items())


def offers(found: list[pl.DataFrame]) -> pl.DataFrame:
    """All candidates of these verdicts, one per line: OFFER columns, in order within a row.

    A verdict that is no match and lists nobody offers the customer it was about.
    """
    columns = [pl.col(name).cast(kind) for name, kind in OFFER.items()]
    parts = []
    for part in found:
        short = part.filter(pl.col("confidence").is_between(0, AUTOMATIC, closed="left"))
        listed = short.filter(pl.col("candidates").list.len() > 0)
        flat = listed.select("row", "candidates").explode("candidates").unnest("candidates")
        single = short.filter(pl.col("candidates").is_null() & pl.col("customer_id").is_not_null())
        parts += [flat.select(columns), single.select(columns)]
    return pl.concat(parts).sort("row", maintain_order=True)


def finished(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """VERDICT columns plus `subject` (the customer to speak of), `key`, `domain`, `root`, `free`, `company`,
    `full` -> `row` and the FLAT columns.

    Only an automatic match names a customer; what review would propose is the first candidate.
    """
    sure = pl.col("confidence")
    band = pl.when(pl.col("evidence").is_in(EXCLUDED)).then(pl.lit("excluded"))
    band = band.when(sure >= AUTOMATIC).then(pl.lit("automatic"))
    band = band.when(sure >= REVIEW).then(pl.lit("review")).otherwise(pl.lit("unmatched"))
    rows = rows.with_columns(band=band)
    rows = rows.join(sentences(rows, customers), on="row")
    automatic = pl.col("band") == "automatic"
    asking = pl.col("band").is_in(["review", "unmatched"]) & ~pl.col("evidence").is_in(NOBODY)
    # Where customers own the domain, or nearly, only those whom it does not settle are asked about.
    name = (
        pl.when(pl.col("evidence") == "conflict")
        .then(pl.col("full").fill_null(""))
        .otherwise(pl.lit(""))
    )
    part = pl.col("evidence").is_in(["conflict", "shared_domain", "typo_domain"])
    of_part = pl.concat_str("root", pl.lit(PART), name)
    corporate = pl.col("domain").is_not_null() & ~pl.col("free").fill_null(value=False)
    # What is recorded outranks any answer on the domain, so a shared address is asked about itself.
    alone = (pl.col("evidence") == "shared_email") | (part & (of_part.str.len_chars() > LONGEST))
    kind = pl.when(alone).then(pl.lit("email"))
    kind = kind.when(corporate | part).then(pl.lit("domain"))
    kind = kind.when(pl.col("full").is_not_null()).then(pl.lit("name"))
    rows = rows.with_columns(question_kind=pl.when(asking).then(kind))
    asked = pl.when(pl.col("question_kind") == "email").then("key")
    asked = asked.when((pl.col("question_kind") == "domain") & part).then(of_part)
    asked = asked.when(pl.col("question_kind") == "domain").then("root")
    return rows.with_columns(
        pl.when(automatic).then("customer_id").alias("customer_id"),
        pl.when(automatic).then("stakeholder_id").alias("stakeholder_id"),
        question_key=asked.when(pl.col("question_kind") == "name").then("full"),
    ).select("row", *(pl.col(name).cast(RESULT[name]) for name in FLAT))


def spread(offered: pl.DataFrame, rows: np.ndarray, places: np.ndarray, height: int) -> pl.Series:
    """The column `candidates` of `height` places, where place `places[i]` shows what row `rows[i]` was offered.

    Built from offsets: taking list values place by place would cost more than all the matching.
    """
    import pyarrow as pa

    row = offered["row"].to_numpy()
    counts = np.bincount(row, minlength=int(rows.max(initial=0)) + 1)
    starts = np.cumsum(counts) - counts
    each = counts[rows]
    lengths = np.zeros(height, np.int64)
    lengths[places] = each
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    inside = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    taken = offered.select("customer_id", "confidence")[np.repeat(starts[rows], each) + inside]
    lists = pa.LargeListArray.from_arrays(
        pl.Series(offsets).to_arrow(), taken.to_struct("").to_arrow()
    )
    return pl.Series("candidates", pl.from_arrow(lists), dtype=CANDIDATES)
