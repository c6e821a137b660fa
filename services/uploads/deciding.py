"""One person, one verdict: what all rows of a file about somebody, and the record, come to together.

The import keeps one match per participant, so a preview that judged row by row would show another.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

import numpy as np
import polars as pl
from sqlalchemy.orm import Session

from services.matching.keys import best_of, best_rows
from services.matching.reasons import sentences
from services.matching.verdict import CANDIDATES, RESULT
from services.uploads.people import SCHEMA, key_of, known_people
from services.uploads.records import COUNTED, VERDICTS, Staged

WORTH = ["band", "confidence", "customer_id", "stakeholder_id", "evidence"]
"""What tells the better of two matches."""
_VERDICT = pl.Enum(VERDICTS)
_SEED = secrets.randbits(63)
"""Secret, so that nobody can write a file in which two people share a number."""


def decide(session: Session, staged: Staged, customers: pl.DataFrame) -> Staged:
    """The staged file with each row's verdict as the import will have it; see Staged.decided.

    `customers`: customer_id, customer (the name in a reason).
    """
    rows = staged.rows.select("person", "verdict").filter(pl.col("verdict").is_in(COUNTED))
    told = spoken_of(staged.people, rows)
    told = told.with_columns(key_of(told))
    spoken = _within(told)
    winners = told.select("person_key", *WORTH).filter(spoken["person"] == spoken["by"])
    known = known_people(session, winners["person_key"], ["person_key", *WORTH])
    keys = _outweighing(winners, known)
    better = known_people(session, keys, list(SCHEMA)).join(
        keys.to_frame(), on="person_key", how="semi"
    )
    decided = pl.concat([_of_file(told, spoken), _of_record(told, better, customers)])
    decided = decided.unique("person", keep="last").sort("person")
    by = pl.repeat(None, staged.people.height, dtype=pl.UInt32, eager=True)
    people = staged.people.with_columns(by=by.scatter(spoken["person"], spoken["by"]))
    return replace(staged, people=people, rows=_verdicts(staged, decided), decided=decided)


def spoken_of(people: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """Without those of whom only hosts' and rejected rows speak: nothing about them is kept."""
    spoken = np.zeros(people.height, bool)
    spoken[counted["person"].to_numpy()] = True
    return people if spoken.all() else people.filter(pl.Series(spoken))


def judged(people: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Staged people (or some of their columns) by number, with the match that counts for each."""
    if decided.is_empty():
        return people
    own = people.drop(*RESULT, strict=False).join(decided, on="person").select(people.columns)
    rest = people.join(decided, on="person", how="anti")
    return pl.concat([rest, own]).sort("person")


def overtaken(staged: Staged, ids: pl.DataFrame) -> bool:
    """Whether a person would come to another customer or band than was shown. `ids`: PeoplePlan.ids."""
    columns = ["customer_id", "stakeholder_id", "band"]
    shown = judged(staged.people.select("person", *columns), staged.decided)
    return not shown.select(columns)[ids["person"]].equals(ids.select(columns))


def _within(told: pl.DataFrame) -> pl.DataFrame:
    """person, by: of the spellings that the file has of somebody the one that counts, perhaps their own."""
    told = told.with_columns(code=told["person_key"].hash(_SEED))
    best = best_rows(told.drop("person_key"), "code", apart=("person",))
    won = told.select("code", by="person")[best]
    return told.select("person", "code").join(won, on="code", maintain_order="left").drop("code")


def _outweighing(winners: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """The keys, `person_key`, of whom the record knows better than the file."""
    both = winners.join(known, on="person_key", suffix="_known")
    both = both.filter(pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_known")) for c in WORTH))
    rivals = pl.concat(
        both.select("person_key", *found, recorded=pl.lit(value=recorded), candidates=nothing)
        for recorded, found in (
            (False, WORTH),
            (True, [pl.col(f"{c}_known").alias(c) for c in WORTH]),
        )
        for nothing in [pl.lit(None, pl.String)]
    )
    won = best_of(rivals, "person_key", apart=("recorded",))
    return won.filter("recorded")["person_key"]


def _of_file(told: pl.DataFrame, spoken: pl.DataFrame) -> pl.DataFrame:
    """Those for whom another spelling in the file decides otherwise, as Staged.decided."""
    beaten = spoken.filter(pl.col("person") != pl.col("by"))
    both = beaten.join(told.select("person", *WORTH), on="person").join(
        told.select("person", *WORTH), left_on="by", right_on="person", suffix="_by"
    )
    other = both.filter(pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_by")) for c in WORTH))
    found = other.select("person", "by").join(
        told.select("person", *RESULT), left_on="by", right_on="person"
    )
    return found.select("person", *RESULT)


def _of_record(told: pl.DataFrame, better: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """Those for whom the record decides, as Staged.decided. `better`: rows of SCHEMA."""
    listed = [
        [{"customer_id": int(c), "confidence": p} for c, p in json.loads(text or "[]")]
        for text in better["candidates"]
    ]
    found = better.with_columns(pl.Series("candidates", listed, CANDIDATES)).with_row_index("row")
    first = pl.col("candidates").list.get(0, null_on_oob=True).struct.field("customer_id")
    spoken = found.with_columns(
        subject=pl.coalesce("customer_id", first),
        domain=pl.col("person_key").str.split("@").list.get(1, null_on_oob=True),
    )
    found = found.join(sentences(spoken, customers), on="row", how="left")
    return (
        told.select("person", "person_key")
        .join(found, on="person_key")
        .select("person", *(pl.col(name).cast(kind) for name, kind in RESULT.items()))
    )


def _verdicts(staged: Staged, decided: pl.DataFrame) -> pl.DataFrame:
    if decided.is_empty():
        return staged.rows
    settled = pl.repeat(None, staged.people.height, dtype=_VERDICT, eager=True).scatter(
        decided["person"], decided["band"].replace({"automatic": "matched"}).cast(_VERDICT)
    )
    verdict = settled.gather(staged.rows["person"])
    counts = pl.col("verdict").is_in(COUNTED)
    return staged.rows.with_columns(
        verdict=pl.when(counts).then(pl.coalesce(verdict, "verdict")).otherwise("verdict")
    )
