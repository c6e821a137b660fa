"""One participant, however many ways a row spells them: the key of a person, and the best of several verdicts."""

from __future__ import annotations

import polars as pl

from services.matching.addresses import email_keys
from services.matching.names import company_keys, person_parts

_BANDS = {"automatic": 0, "review": 1, "excluded": 2, "unmatched": 3}
_ORDER = ("evidence", "customer_id", "stakeholder_id", "question_kind", "question_key", "reason")


def person_key(people: pl.DataFrame) -> pl.Series:
    """Row by row from `email`, `company`, `name`: the e-mail key, else 'name|company'; null for nobody.

    A nameless row without an address (a telephone, an empty line) is nobody in particular.
    """
    names, companies = people["name"], people["company"]
    rows = people.select("company", "name", email=email_keys(people["email"]))
    whole = person_parts(names).select("name", "whole")
    full = company_keys(companies).select("full", company="name")
    rows = rows.join(whole, on="name", how="left", maintain_order="left")
    rows = rows.join(full, on="company", how="left", maintain_order="left")
    by_name = pl.concat_str("whole", pl.lit("|"), pl.col("full").fill_null(""))
    return rows.select(person=pl.coalesce("email", by_name))["person"]


def best_of(verdicts: pl.DataFrame, key: str) -> pl.DataFrame:
    """One row per value of `key` (null keys dropped): the surest verdict, by a total order.

    The order looks at every column, so the winner of a set is the winner of its parts' winners,
    whatever the parts: uploads can be folded in any order. Columns: `match`'s, `key`, any others.
    """
    known = verdicts.filter(pl.col(key).is_not_null())
    alone = pl.col(key).is_unique()
    contested = known.filter(~alone)
    ranks = [
        pl.col("band").replace_strict(_BANDS, return_dtype=pl.Int8).alias("_band"),
        (-pl.col("confidence")).alias("_confidence"),
        _spelled(contested).alias("_candidates"),
    ]
    spare = sorted(set(known.columns) - {key, "band", "confidence", "candidates", *_ORDER})
    order = ["_band", "_confidence", *_ORDER, "_candidates", *spare]
    ranked = contested.with_columns(ranks).sort(order, nulls_last=True)
    won = ranked.unique(key, keep="first").select(known.columns)
    return pl.concat([known.filter(alone), won])


def _spelled(rows: pl.DataFrame) -> pl.Expr:
    """The candidates as text, which can be ordered where a list cannot."""
    if not rows.height:
        return pl.lit(None, pl.Utf8)
    entry = pl.concat_str(
        pl.element().struct.field("customer_id"),
        pl.lit(":"),
        pl.element().struct.field("confidence"),
    )
    return pl.col("candidates").list.eval(entry).list.join(",")
