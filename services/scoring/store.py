"""The stored board: score frames into `customer_score` and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Table, delete, func, select, text
from sqlalchemy.orm import Session

from data.bulk import insert_frame, is_sqlite, read_frame, update_frame, upsert_frame
from data.tables.customers import Customer
from data.tables.scoring import CustomerScore
from services.scoring.score import with_ranks

COLUMNS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "score": pl.Int16,
    "state": pl.Utf8,
    "band": pl.Utf8,
    "rank": pl.Int32,
    "percentile": pl.Float32,
    "frequency": pl.Float32,
    "recency": pl.Float32,
    "diversity": pl.Float32,
    "depth": pl.Float32,
    "consistency": pl.Float32,
    "attended": pl.Int32,
    "eligible": pl.Int32,
    "people": pl.Int32,
    "last_attended": pl.Date,
    "trend": pl.Utf8,
}
"""What has a column of its own in the table."""

FACTS: dict[str, Any] = {
    "first_attended": pl.Date,
    "types_attended": pl.Int32,
    "types_offered": pl.Int32,
    "types_seen": pl.List(pl.Utf8),
    "types_missing": pl.List(pl.Utf8),
    "periods_attended": pl.Int32,
    "periods_offered": pl.Int32,
    "period_kind": pl.Utf8,
    "depth_top": pl.List(pl.Float32),
    "half_life_days": pl.Float32,
    "recency_as_of": pl.Date,
    "missed_in_row": pl.Int32,
    "months": pl.List(pl.Int32),
    "depth_reported": pl.Boolean,
    "questions_asked": pl.Int32,
    "feedback_given": pl.Int32,
    "times_spoken": pl.Int32,
    "attended_outside": pl.Int32,
    "attended_before": pl.Int32,
    "shortfall_z": pl.Float32,
    "expected_seats": pl.Float32,
    "actual_seats": pl.Float32,
}
"""What is kept as JSON in the column `facts`."""

SCORES: dict[str, Any] = COLUMNS | FACTS
"""The frame of `score_customers`."""

PLACES = ("customer_id", "score", "attended")
"""What ranks are made of."""
_RANKS = ("rank", "percentile")
_TABLE = CustomerScore.__table__
assert isinstance(_TABLE, Table)
TABLE: Table = _TABLE


@dataclass(frozen=True)
class Stamp:
    """What the stored board was made with."""

    as_of: date
    weight_version: int


def stamp(session: Session) -> Stamp | None:
    """None when there is no stored board."""
    found = session.execute(
        select(
            # The board is written whole; were it ever not, its oldest row would say so.
            func.min(CustomerScore.as_of).label("as_of"),
            func.min(CustomerScore.weight_version).label("version"),
        )
    ).one()
    return None if found.as_of is None else Stamp(found.as_of, found.version)


def claim(session: Session) -> None:
    """Let one transaction at a time rewrite the board. SQLite has a single writer anyway."""
    if not is_sqlite(session):
        session.execute(text("LOCK TABLE customer_score IN SHARE ROW EXCLUSIVE MODE"))


def replace_scores(session: Session, scores: pl.DataFrame, made: Stamp) -> None:
    """Put the frame of `score_customers` in the place of the stored board."""
    session.execute(delete(CustomerScore))
    insert_frame(session, TABLE, _as_rows(scores, made).sort("customer_id"))


def merge_scores(session: Session, scores: pl.DataFrame, made: Stamp) -> None:
    """Put these customers' rows into the stored board and rank everybody anew."""
    names = (*PLACES, *_RANKS)
    every = select(*(TABLE.c[name] for name in names))
    stored = read_frame(session, every, {name: COLUMNS[name] for name in names})
    others = stored.join(scores.select("customer_id"), on="customer_id", how="anti")
    ranked = with_ranks(pl.concat([scores.select(others.columns), others]))
    fresh = scores.drop(_RANKS).join(ranked.select("customer_id", *_RANKS), on="customer_id")
    upsert_frame(session, TABLE, _as_rows(fresh, made).sort("customer_id"), ["customer_id"])
    moved = _moved(others, ranked)
    update_frame(session, TABLE, moved.select("customer_id", *_RANKS), ["customer_id"])


def stored_scores(session: Session, whose: ColumnElement[bool]) -> pl.DataFrame:
    """Rows of the stored board as `score_customers` made them; `whose` is a condition on Customer."""
    columns = [TABLE.c[name] for name in COLUMNS]
    statement = (
        select(*columns, CustomerScore.facts)
        .join(Customer, Customer.id == CustomerScore.customer_id)
        .where(whose)
        .order_by(CustomerScore.customer_id)
    )
    rows = read_frame(session, statement, COLUMNS | {"facts": pl.Utf8})
    facts = rows["facts"].str.json_decode(pl.Struct(_JSON)).struct.unnest()
    return pl.concat([rows.drop("facts"), _from_json(facts)], how="horizontal")


def stored_places(session: Session, whose: ColumnElement[bool]) -> pl.DataFrame:
    """PLACES of the stored board; `whose` is a condition on Customer."""
    statement = (
        select(*(TABLE.c[name] for name in PLACES))
        .join(Customer, Customer.id == CustomerScore.customer_id)
        .where(whose)
    )
    return read_frame(session, statement, {name: COLUMNS[name] for name in PLACES})


_JSON = {name: pl.Utf8 if kind == pl.Date else kind for name, kind in FACTS.items()}


def _as_rows(scores: pl.DataFrame, made: Stamp) -> pl.DataFrame:
    facts = [
        pl.col(name).dt.to_string("%Y-%m-%d") if kind == pl.Date else pl.col(name)
        for name, kind in FACTS.items()
    ]
    return scores.select(
        *COLUMNS,
        as_of=pl.lit(made.as_of),
        weight_version=pl.lit(made.weight_version, pl.Int64),
        facts=pl.struct(facts).struct.json_encode(),
    )


def _from_json(facts: pl.DataFrame) -> pl.DataFrame:
    return facts.with_columns(
        pl.col(name).str.to_date("%Y-%m-%d") for name, kind in FACTS.items() if kind == pl.Date
    )


def _moved(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows of `after` that are in `before` with another rank or percentile."""
    pairs = after.join(before, on="customer_id", suffix="_before")
    return pairs.filter(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in _RANKS)
    )
