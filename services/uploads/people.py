"""Participants: the people of an upload written beside those already known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame, read_frame, read_large, update_frame
from data.tables import Participant
from services.matching.keys import best_of

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
SCHEMA: dict[str, Any] = {
    "id": pl.Int64,
    "person_key": pl.String,
    "email": pl.String,
    "name": pl.String,
    "company": pl.String,
    "title": pl.String,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "band": pl.String,
    "confidence": pl.Float32,
    "evidence": pl.String,
    "question_kind": pl.String,
    "question_key": pl.String,
    "candidates": pl.String,
}
FEW = 2_000
"""People up to which the known ones are looked up by key instead of read whole."""


@dataclass(frozen=True)
class SavedPeople:
    """`ids`: person (index in staged.people) UInt32 -> participant Int64, customer_id, band.

    `before`: rows of SCHEMA as they were, for those whose match this upload improved.
    `created`: how many are new.
    """

    ids: pl.DataFrame
    before: pl.DataFrame
    created: int


def as_stored(people: pl.DataFrame) -> pl.DataFrame:
    """Staged people with the table's columns: texts cut to their length, candidates as JSON text."""
    return people.with_columns(
        pl.col("person_key").str.slice(0, 700),
        pl.col("email").str.slice(0, 320),
        pl.col("name", "company").str.slice(0, 300),
        pl.col("title").str.slice(0, 200),
        candidates_text(people["candidates"]),
    ).select("person", *[c for c in SCHEMA if c != "id"])


def candidates_text(candidates: pl.Series) -> pl.Series:
    """[[customer id, confidence], …] as JSON text; null where nobody has to decide."""
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


def save_people(session: Session, staged: pl.DataFrame) -> SavedPeople:
    """Add new participants; let a better match of this upload replace the one on record."""
    people = as_stored(staged)
    best = best_of(people, "person_key")
    known = _known(session, best["person_key"])
    fresh = best.join(known, on="person_key", how="anti").sort("person_key")
    first = (session.scalar(select(func.max(Participant.id))) or 0) + 1
    fresh = (
        fresh.drop("person").with_row_index("id", first).with_columns(pl.col("id").cast(pl.Int64))
    )
    improved, before = _improved(best, known)
    table = Participant.__table__
    insert_frame(session, table, fresh.select(*SCHEMA))  # type: ignore[arg-type]
    update_frame(session, table, improved, ["id"])  # type: ignore[arg-type]
    unchanged = known.join(improved, on="id", how="anti")
    now = pl.concat(
        [
            frame.select("person_key", pl.col("id").alias("participant"), "customer_id", "band")
            for frame in (fresh, improved, unchanged)
        ]
    )
    ids = people.select("person", "person_key").join(now, on="person_key", how="left")
    return SavedPeople(ids.drop("person_key"), before, fresh.height)


def everyone(session: Session) -> pl.DataFrame:
    """All participants, columns of SCHEMA."""
    return read_large(session, select(*_columns()), SCHEMA)


def _columns() -> list[Any]:
    return [Participant.__table__.c[name] for name in SCHEMA]


def _known(session: Session, keys: pl.Series) -> pl.DataFrame:
    if len(keys) > FEW:
        return everyone(session)
    pieces = [
        read_frame(
            session,
            select(*_columns()).where(Participant.person_key.in_(part.to_list())),
            SCHEMA,
        )
        for part in (keys.slice(start, 500) for start in range(0, max(len(keys), 1), 500))
    ]
    return pl.concat(pieces)


def _improved(best: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Known people for whom this upload has better evidence, as they become and as they were."""
    mine = best.drop("person").join(known.select("person_key", "id"), on="person_key")
    both = pl.concat([known.select(*SCHEMA), mine.select(*SCHEMA)])
    winner = best_of(both.with_row_index("person"), "person_key").select(*SCHEMA)
    compared = ["email", "name", "company", *MATCH]
    changed = winner.join(known, on="id", suffix="_was").filter(
        pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_was")) for c in compared)
    )
    return changed.select(*SCHEMA), known.join(changed, on="id", how="semi")
