"""Is this person, by name, one of a customer's stakeholders?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from services.matching.nearby import slips
from services.matching.words import NICKNAMES

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook

ACCEPTED = 0.75
FOUND = {
    "row": pl.UInt32,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "person": pl.Utf8,
}


def find_people(asked: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """For (`row`, `customer_id`, `whole`, `given`, `family`): who of that customer bears the name.

    Returns only hits: `row`, `customer_id`, `person` ('exact' or 'fuzzy') and `stakeholder_id`,
    which is null when several people fit: the customer is then known, the person is not.
    """
    asked = asked.filter(pl.col("family").is_not_null())
    if asked.is_empty():
        return pl.DataFrame(schema=FOUND)
    known = book.people
    exact = asked.select("row", "customer_id", "whole").join(known, on=["customer_id", "whole"])
    exact = _one_each(exact, "exact")
    rest = asked.join(exact, on=["row", "customer_id"], how="anti")
    fuzzy = _one_each(_alike(rest, known.filter(pl.col("family").is_not_null())), "fuzzy")
    return pl.concat([exact, fuzzy])


def _one_each(hits: pl.DataFrame, how: str) -> pl.DataFrame:
    people = pl.col("stakeholder_id")
    return (
        hits.group_by("row", "customer_id")
        .agg(pl.when(people.n_unique() == 1).then(people.min()).alias("stakeholder_id"))
        .with_columns(person=pl.lit(how))
        .select(pl.col(name).cast(kind) for name, kind in FOUND.items())
    )


def _alike(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs scored at least ACCEPTED, tried with the name as written and turned round."""
    asked = asked.select("row", "customer_id", "given", "family")
    turned = asked.select("row", "customer_id", given="family", family="given")
    both = pl.concat([asked, turned.filter(pl.col("given") != pl.col("family"))])
    known = known.join(asked.select("customer_id").unique(), on="customer_id", how="semi")
    pairs = _blocked(both, known)
    pairs = pairs.with_columns(
        _word_score(pairs["given"], pairs["kg"], nicknames=True).alias("g"),
        _word_score(pairs["family"], pairs["kf"], nicknames=False).alias("f"),
    )
    return pairs.filter(pl.col("g") * pl.col("f") >= ACCEPTED)


def _blocked(asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs worth scoring, `asked` beside `stakeholder_id`, `kg`, `kf`: of the same customer, and the same
    family, the same given name, or both first letters the same.
    """
    pairs = _marks(asked).join(_marks(known), on="mark").select("at", "at_right").unique()
    theirs = known.select("stakeholder_id", kg="given", kf="family")[pairs["at_right"]]
    return pl.concat([asked[pairs["at"]], theirs], how="horizontal")


def _marks(names: pl.DataFrame) -> pl.DataFrame:
    """`at` (row number), `mark`: what a pair must share, as numbers. Two that share one by chance are
    scored like any other pair.
    """
    first, last = pl.col("given").str.slice(0, 1), pl.col("family").str.slice(0, 1)
    blocks = (["family"], ["given"], [first, last])
    found = [
        names.select("customer_id", *block).hash_rows(seed) for seed, block in enumerate(blocks)
    ]
    return pl.concat([mark.alias("mark").to_frame().with_row_index("at") for mark in found])


def _word_score(word: pl.Series, other: pl.Series, *, nicknames: bool) -> pl.Series:
    """1 equal, .95 nickname, .9 one slip, .8 an initial, else 0."""
    table = pl.DataFrame({"a": word, "b": other})
    table = table.with_columns(slip=slips(word, other))
    a, b = pl.col("a"), pl.col("b")
    initial = ((a.str.len_chars() == 1) | (b.str.len_chars() == 1)) & (
        a.str.slice(0, 1) == b.str.slice(0, 1)
    )
    long_enough = pl.min_horizontal(a.str.len_chars(), b.str.len_chars()) >= 3
    score = pl.when(a == b).then(1.0)
    if nicknames:
        score = score.when(pl.concat_str(a, pl.lit(" "), b).is_in(_NICKNAME_PAIRS)).then(0.95)
    score = score.when((pl.col("slip") <= 1) & long_enough).then(0.9).when(initial).then(0.8)
    return table.select(score.otherwise(0.0).alias("score"))["score"]


def _nickname_pairs() -> list[str]:
    groups = [group.split() for group in NICKNAMES]
    pairs = {f"{a} {b}" for group in groups for a in group for b in group if a != b}
    return sorted(pairs)


_NICKNAME_PAIRS = _nickname_pairs()
