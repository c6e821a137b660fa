"""Participants: the people of an upload written beside those already known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from data.bulk import inserting, is_sqlite, read_frame, read_large, reading_beside, update_frame
from data.tables import Participant
from services.matching.kept import stored_match
from services.matching.keys import best_of
from services.matching.verdict import MATCH
from services.uploads import store
from services.uploads.fold import not_among
from services.uploads.spellings import IDENTITY, respelled, titles

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
class PeoplePlan:
    """What an upload does to the participants.

    `ids`: person (index in staged.people) UInt32 -> participant Int64, customer_id, stakeholder_id, band.
    `fresh`, `improved`: rows of SCHEMA to add and to replace. `before`: the replaced ones as they were, and
    `respelled` (id, spellings) what is kept of how they were spelled.
    """

    ids: pl.DataFrame
    fresh: pl.DataFrame
    improved: pl.DataFrame
    before: pl.DataFrame
    respelled: pl.DataFrame

    @property
    def moved(self) -> list[int]:
        """The participants on record who come to another customer or band."""
        both = self.improved.join(self.before, on="id", suffix="_was")
        other = pl.any_horizontal(
            pl.col(c).ne_missing(pl.col(f"{c}_was")) for c in ("customer_id", "band")
        )
        return both.filter(other)["id"].to_list()


def as_told(people: pl.DataFrame) -> pl.DataFrame:
    """Whom staged people are, with texts cut to the length that the table has: person_key, IDENTITY, title."""
    return people.select(
        key_of(people),
        pl.col("email").str.slice(0, 320),
        pl.col("name", "company").str.slice(0, 300),
        pl.col("title").str.slice(0, 200),
    )


def told_by(session: Session, upload_id: int) -> pl.DataFrame:
    """Whom an upload speaks of in rows that count, `as_told`."""
    people = store.load_frame(session, upload_id, "people")
    assert people is not None, "a committed upload keeps its people"
    if "by" in people.columns:
        people = people.drop_nulls("by")
    elif "wins" in people.columns:  # as former versions said it
        people = people.filter("wins")
    return as_told(people)


def stored_people(staged: pl.DataFrame) -> pl.DataFrame:
    """Of staged people (see `plan_people`) those whose row counts, by key: SCHEMA without id, and `by`."""
    counts = staged.filter(pl.col("person") == pl.col("by"))
    stored = as_told(counts).hstack(stored_match(counts)).with_columns(counts["by"])
    beaten = staged.filter(pl.col("person") != pl.col("by")).drop_nulls("title")["by"].unique()
    titled = staged.filter(pl.col("by").is_in(beaten.implode()))
    if titled.height:
        stored = _titled(stored, titles(as_told(titled)))
    # One thread sorts texts with a third of the work that two have.
    stored = stored.sort("person_key", multithreaded=False)
    return stored.select(*[c for c in SCHEMA if c != "id"], "by")


def _titled(people: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """`people` with the titles `told` of some of them."""
    both = people.join(told, on="person_key", how="left", suffix="_told", maintain_order="left")
    return both.with_columns(title=pl.coalesce("title_told", "title")).drop("title_told")


def key_of(people: pl.DataFrame) -> pl.Series:
    """The person_key of staged people, cut to the column's length."""
    return people["person_key"].str.slice(0, 700)


def plan_people(
    session: Session, staged: pl.DataFrame, best: pl.DataFrame, known: pl.DataFrame
) -> PeoplePlan:
    """New participants are added; a better match of this upload replaces the one on record.

    `staged` has `by` as `Staged.people`, and all whom it names. `best`: its `stored_people`. `known`: those of
    them who are on record, and perhaps others.

    Ids are given out here: the caller holds the turn, so nobody else adds participants meanwhile.
    """
    fresh = best.join(known, on="person_key", how="anti") if known.height else best
    first = (session.scalar(select(func.max(Participant.id))) or 0) + 1
    ids = pl.int_range(pl.len(), dtype=pl.Int64) + first
    fresh = fresh.sort("person_key", multithreaded=False).with_columns(id=ids)
    improved, before = _improved(best.drop("by"), known)
    there = pl.concat([improved, known.join(improved, on="id", how="anti")])
    there = there.join(best.select("person_key", "by"), on="person_key")
    matches = ["by", "id", "customer_id", "stakeholder_id", "band"]
    now = pl.concat([fresh.select(matches), there.select(matches)]).rename({"id": "participant"})
    numbers = staged.select("person", "by").join(now, on="by", how="left", maintain_order="left")
    spelled = respelled(session, improved, before)
    return PeoplePlan(numbers.drop("by"), fresh.select(*SCHEMA), improved, before, spelled)


@contextmanager
def writing_people(session: Session, plan: PeoplePlan) -> Iterator[Callable[[], None]]:
    """Make the plan's rows ready beside the caller's work; the function given writes them.

    A server writes them at once, as it works beside us: until the function given has come back, nothing may be
    asked of the session.
    """
    table = Participant.__table__
    assert isinstance(table, Table)
    with inserting(session, table, plan.fresh) as insert:

        def write() -> None:
            insert()
            update_frame(session, table, plan.improved, ["id"])
            update_frame(session, table, plan.respelled, ["id"])

        if is_sqlite(session):
            yield write
            return
        with ThreadPoolExecutor(1) as beside:
            yield beside.submit(write).result


def everyone(session: Session) -> pl.DataFrame:
    """All participants, columns of SCHEMA."""
    return read_large(session, select(*_columns()), SCHEMA)


@contextmanager
def reading_everyone(session: Session) -> Iterator[Callable[[], pl.DataFrame]]:
    """Begin to read all participants as they are committed; the function given waits for them."""
    with reading_beside(session, select(*_columns()), SCHEMA) as rows:
        yield rows


def _columns() -> list[Any]:
    return [Participant.__table__.c[name] for name in SCHEMA]


@contextmanager
def reading_people(session: Session, staged: pl.DataFrame) -> Iterator[Callable[[], pl.DataFrame]]:
    """As `reading_everyone`, of the people of an upload and perhaps others."""
    if staged.height > FEW:
        with reading_everyone(session) as rows:
            yield rows
        return
    yield lambda: known_people(session, key_of(staged).drop_nulls().unique(), list(SCHEMA))


def known_people(session: Session, keys: pl.Series, names: list[str]) -> pl.DataFrame:
    """Participants of these person keys, and perhaps others; `names` of SCHEMA."""
    table = Participant.__table__
    statement, schema = select(*[table.c[name] for name in names]), {n: SCHEMA[n] for n in names}
    if len(keys) > FEW:
        return read_large(session, statement, schema)
    parts = [keys.slice(start, 500) for start in range(0, max(len(keys), 1), 500)]
    return pl.concat(
        read_frame(session, statement.where(table.c.person_key.in_(part.to_list())), schema)
        for part in parts
    )


def _improved(best: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Known people of whom this upload has better evidence or an earlier title, as they become and as they
    were."""
    compared = [*IDENTITY, *MATCH]
    retitled = _retitled(best, known)
    other = not_among(best, known, ["person_key", *compared])
    mine = other.join(known.select("person_key", "id"), on="person_key").select(*SCHEMA)
    rivals = known.join(mine, on="id", how="semi").select(*SCHEMA)
    winner = best_of(pl.concat([rivals, mine]).drop("title"), "person_key", apart=("id",))
    winner = winner.join(rivals.select("id", "title"), on="id").select(*SCHEMA)
    changed = winner.join(known, on="id", suffix="_was").filter(
        pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_was")) for c in compared)
    )
    changed = _titled(changed.select(*SCHEMA), retitled.select("person_key", "title"))
    changed = pl.concat([changed, retitled.join(changed, on="id", how="anti")])
    return changed.select(*SCHEMA), known.join(changed, on="id", how="semi")


def _retitled(best: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Known people whose title is another now, rows of SCHEMA: of several the first in the alphabet counts."""
    told = best.select("person_key", told="title").drop_nulls("told")
    both = known.join(told, on="person_key")
    earlier = both.filter((pl.col("told") < pl.col("title")).fill_null(value=True))
    return earlier.with_columns(title="told").select(*SCHEMA)
