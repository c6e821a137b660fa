"""The ways in which files spell one person: all are kept, so that a new match rests on all of them.

Where there are several, a participant's `spellings` has each on a line of its own, as JSON, sorted; where it is
null, the row itself is the only one. Which file came first never shows: a set has no order. An import leaves
gathering them to whoever matches everybody anew (`Upload.unspelled`).
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Participant
from services.matching.book import CustomerBook
from services.matching.cascade import match
from services.matching.kept import stored_match
from services.matching.keys import best_of
from services.matching.prepared import PreparedBook

IDENTITY = ["email", "name", "company"]
_TOLD = ["person_key", *IDENTITY]
_FEW, _AT_ONCE = 2_000, 500
_LINE = pl.struct(IDENTITY).struct.json_encode().alias("spellings")
_KINDS = pl.Struct(dict.fromkeys(IDENTITY, pl.String))


def kept(session: Session, ids: pl.Series | None = None) -> pl.DataFrame:
    """id, spellings of the participants (or those with these ids) of whom several are known."""
    p = Participant
    several = select(p.id, p.spellings).where(p.spellings.is_not(None))
    schema = {"id": pl.Int64, "spellings": pl.String}
    if ids is None or len(ids) > _FEW:
        return read_large(session, several, schema)
    pieces = [ids.slice(start, _AT_ONCE).to_list() for start in range(0, len(ids), _AT_ONCE)]
    found = [read_frame(session, several.where(p.id.in_(some)), schema) for some in pieces]
    return pl.concat([pl.DataFrame(schema=schema), *found])


def respelled(session: Session, after: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """id, spellings of participants whose row is to be spelled otherwise: as they were spelled stays known.
    `after`, `before`: id, person_key, IDENTITY."""
    both = after.join(before, on="id", suffix="_was")
    other = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_was")) for c in IDENTITY)
    changed = both.filter(other).select("id")
    was = before.join(changed, on="id", how="semi")
    if was.is_empty():
        return pl.DataFrame(schema={"id": pl.Int64, "spellings": pl.String})
    was = was.join(kept(session, was["id"]), on="id", how="left")
    will = after.join(changed, on="id", how="semi").select(_TOLD)
    told = pl.concat([spread(was), will]).unique()
    return gathered(told).join(was.select("id", "person_key"), on="person_key").drop("person_key")


def gathered(told: pl.DataFrame) -> pl.DataFrame:
    """person_key, spellings of those of whom `told` (person_key, IDENTITY, no two rows alike) has several."""
    lines = told.filter(~pl.col("person_key").is_unique()).select("person_key", _LINE)
    lists = lines.group_by("person_key").agg("spellings")
    return lists.with_columns(pl.col("spellings").list.sort().list.join("\n"))


def titles(told: pl.DataFrame) -> pl.DataFrame:
    """person_key, title: of several the first in the alphabet, whoever told it."""
    return told.drop_nulls("title").group_by("person_key").agg(pl.col("title").min())


def spread(people: pl.DataFrame) -> pl.DataFrame:
    """Every spelling of `people` (person_key, IDENTITY, spellings): person_key, IDENTITY."""
    listed = people.drop_nulls("spellings").select("person_key", "spellings")
    listed = listed.with_columns(pl.col("spellings").str.split("\n")).explode("spellings")
    read = listed["spellings"].str.json_decode(_KINDS).struct.unnest()
    alone = people.filter(pl.col("spellings").is_null()).select(_TOLD)
    return pl.concat([alone, listed.select("person_key").hstack(read)])


def matched(told: pl.DataFrame, book: CustomerBook | PreparedBook) -> pl.DataFrame:
    """Of all spellings of people (person_key, IDENTITY, no two rows alike) the one that counts, one row per person:
    those columns, MATCH as it is stored, and `spellings`."""
    told = told.select(_TOLD)
    found = stored_match(match(told.select("email", "company", "name"), book))
    best = best_of(told.hstack(found), "person_key")
    return best.join(gathered(told), on="person_key", how="left")
