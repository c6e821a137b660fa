"""Who is this row about? Evidence is tried from the surest down; the first that speaks decides.

A verdict depends on the row and the book alone, never on the other rows or their order.
"""

from __future__ import annotations

import polars as pl

from services.matching import stages
from services.matching.addresses import email_keys
from services.matching.book import CustomerBook
from services.matching.evidence import gather, with_keys
from services.matching.prepared import PreparedBook, prepare
from services.matching.reasons import sentences

AUTOMATIC, REVIEW = 0.90, 0.50
CANDIDATE = pl.Struct({"customer_id": pl.Int64, "confidence": pl.Float32})
RESULT = {
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "confidence": pl.Float32,
    "band": pl.Utf8,
    "evidence": pl.Utf8,
    "reason": pl.Utf8,
    "question_kind": pl.Utf8,
    "question_key": pl.Utf8,
    "candidates": pl.List(CANDIDATE),
}


def match(people: pl.DataFrame, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """Rows with `email`, `company`, `name` -> the same rows in the same order, as RESULT columns.

    band: 'automatic' (confidence >= .90), 'review' (>= .50), 'unmatched', or 'excluded' (own
    staff, test addresses, recorders). `customer_id` and `stakeholder_id` are set for 'automatic'
    only; for the others `candidates` holds up to three, best first. `question_kind`/`question_key`
    name the one answer ('domain' or 'name') that would settle all rows like this one.
    """
    ready = book if isinstance(book, PreparedBook) else prepare(book)
    if people.is_empty():
        return pl.DataFrame(schema=RESULT)
    columns = [pl.col(c).cast(pl.Utf8) for c in ("email", "company", "name")]
    places = people.select(columns).with_row_index("place")
    distinct = places.group_by("email", "company", "name").agg("place").with_row_index("row")
    decided = _decide(distinct.select("row", "email", "company", "name"), ready)
    order = distinct.select("row", "place").explode("place").sort("place")
    return order.join(decided, on="row", how="left", maintain_order="left").select(RESULT.keys())


def _decide(rows: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    rows = rows.with_columns(key=email_keys(rows["email"]))
    rows = rows.with_columns(domain=pl.col("key").str.extract(r"@(.*)$"))
    out = stages.excluded(rows, book)
    pending = rows.join(out, on="row", how="anti")
    recorded = stages.email(pending, book)
    pending = with_keys(pending.join(recorded, on="row", how="anti"), book)
    verdicts = pl.concat([out, recorded, *_by_name(pending, book)])
    keyed = rows.select("row", "domain", "company").join(
        pending.select("row", "root", "free", "full"), on="row", how="left"
    )
    return _finished(verdicts.join(keyed, on="row"), book)


def _by_name(pending: pl.DataFrame, book: PreparedBook) -> list[pl.DataFrame]:
    """The steps that need the company's and the person's name."""
    if pending.is_empty():
        return []
    evidence = gather(pending, book)
    verdicts: list[pl.DataFrame] = []
    for step in stages.BY_NAME:
        verdicts.append(step(pending, evidence, book))
        pending = pending.join(verdicts[-1], on="row", how="anti")
    return verdicts


def _finished(rows: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Band, question and sentence; only an automatic match names a customer."""
    sure = pl.col("confidence")
    band = pl.when(pl.col("evidence").is_in(stages.EXCLUDED)).then(pl.lit("excluded"))
    band = band.when(sure >= AUTOMATIC).then(pl.lit("automatic"))
    band = band.when(sure >= REVIEW).then(pl.lit("review")).otherwise(pl.lit("unmatched"))
    first = pl.col("candidates").list.first().struct.field("customer_id")
    rows = rows.with_columns(band=band, subject=pl.coalesce("customer_id", first))
    rows = rows.join(sentences(rows, book), on="row")
    automatic = pl.col("band") == "automatic"
    asking = pl.col("band").is_in(["review", "unmatched"]) & (pl.col("evidence") != "answer_nobody")
    company_domain = pl.col("domain").is_not_null() & ~pl.col("free")
    kind = pl.when(company_domain).then(pl.lit("domain"))
    kind = kind.when(pl.col("full").is_not_null()).then(pl.lit("name"))
    only = pl.struct("customer_id", confidence=sure.cast(pl.Float32))
    proposed = pl.when(asking & pl.col("customer_id").is_not_null()).then(pl.concat_list(only))
    rows = rows.with_columns(
        candidates=pl.when(asking).then(pl.coalesce("candidates", proposed)),
        question_kind=pl.when(asking).then(kind),
    )
    asked = pl.when(pl.col("question_kind") == "domain").then("root")
    return rows.with_columns(
        pl.when(automatic).then("customer_id").alias("customer_id"),
        pl.when(automatic).then("stakeholder_id").alias("stakeholder_id"),
        pl.col("candidates").fill_null([]),
        question_key=asked.when(pl.col("question_kind") == "name").then("full"),
    ).select("row", *(pl.col(name).cast(kind) for name, kind in RESULT.items()))
