"""Versions of the weights: trying new ones out, publishing them, going back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables.access import Person
from data.tables.scoring import WeightSet
from services.access import ADMINISTRATOR, Viewer, audit, require_role
from services.scoring import store
from services.scoring.board import recompute, standings
from services.scoring.published import BUILT_IN, current
from services.scoring.variants import what_if
from services.scoring.weights import WeightBook

__all__ = ["BUILT_IN", "Preview", "Version", "current", "preview", "publish", "revert", "versions"]

LONGEST_NOTE = 500
MOST_VERSIONS = 200


@dataclass(frozen=True)
class Version:
    """`published_at` and `published_by` are None for the weights the product comes with."""

    version: int
    book: WeightBook
    note: str
    published_by: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class Preview:
    """What other weights would do to the customers one sees.

    rows: customer_id Int64, customer, segment Utf8, score_before, score Int16, rank_before, rank
        Int32, band_before, band Utf8; those whose band changes first, then the largest change.
    moves: band_before, band Utf8, customers Int32; only where the band changes.
    """

    rows: pl.DataFrame
    moves: pl.DataFrame

    @property
    def band_changes(self) -> int:
        return int(self.moves["customers"].sum())

    @property
    def score_changes(self) -> int:
        return self.rows.filter(pl.col("score") != pl.col("score_before")).height


def versions(session: Session) -> list[Version]:
    """Newest first; the built-in weights stand at the end."""
    found = session.execute(
        select(WeightSet, Person.name)
        .outerjoin(Person, Person.id == WeightSet.published_by)
        .order_by(WeightSet.version.desc())
        .limit(MOST_VERSIONS)
    )
    listed = [
        Version(row.version, WeightBook.from_dict(row.weights), row.note, name, row.published_at)
        for row, name in found
    ]
    return [*listed, Version(BUILT_IN, WeightBook(), "As the product comes", None, None)]


def publish(session: Session, *, by: Viewer, now: datetime, book: WeightBook, note: str) -> int:
    """Make these weights count from now on and score everybody by them; gives the new version.

    NotAllowed unless `by` is an admin; BadInput without a change or with a note that is too long.
    """
    require_role(by, ADMINISTRATOR)
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"Shorten the note to {LONGEST_NOTE} characters.")
    store.claim(session)
    before, counting = current(session)
    if book == counting:
        raise BadInput("These weights are in force already. Change one before publishing.")
    added = WeightSet(
        version=before + 1,
        weights=book.as_dict(),
        note=note.strip(),
        published_by=by.person_id,
        published_at=now,
    )
    session.add(added)
    session.flush()  # the audit row needs its id, and rescoring reads it
    audit(session, by, "weights.published", "weight_set", added.id, f"version {added.version}", now)
    recompute(session, now=now)
    return added.version


def revert(session: Session, *, by: Viewer, now: datetime, version: int) -> int:
    """Publish an earlier version's weights again, as a new version; NotFound when it is unknown."""
    wanted = next((row for row in versions(session) if row.version == version), None)
    if wanted is None:
        raise NotFound("There is no such version. Reload the page and choose from the list.")
    return publish(session, by=by, now=now, book=wanted.book, note=f"Back to version {version}")


def preview(session: Session, by: Viewer, *, as_of: date, book: WeightBook) -> Preview:
    """What these weights would change on the board of the day; nothing is written."""
    now_rows = standings(session, by, as_of=as_of).rows
    then = what_if(now_rows, book).select(
        "customer_id", "customer", "segment", "score_before", "score", "rank", "band"
    )
    before = now_rows.select("customer_id", rank_before="rank", band_before="band")
    rows = then.join(before, on="customer_id").select(
        "customer_id",
        "customer",
        "segment",
        "score_before",
        "score",
        "rank_before",
        "rank",
        "band_before",
        "band",
    )
    moved = pl.col("band").ne_missing(pl.col("band_before"))
    change = (pl.col("score") - pl.col("score_before")).abs()
    return Preview(
        rows=rows.sort(moved, change, "rank", descending=[True, True, False], nulls_last=True),
        moves=rows.filter(moved)
        .group_by("band_before", "band")
        .agg(customers=pl.len().cast(pl.Int32))
        .sort("customers", "band_before", "band", descending=[True, False, False]),
    )
