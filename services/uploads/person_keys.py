"""Who is the same person within attendance files, and which of their spellings counts. Pure."""

from __future__ import annotations

import polars as pl

from services.matching.addresses import email_keys
from services.matching.names import company_key, person_parts

_ORDER = ["confidence", "customer_id", "evidence", "company", "name", "email"]


def person_keys(people: pl.DataFrame) -> pl.Series:
    """For rows with email, name and company: the compared address, else name and company, else null.

    Never the name alone across companies: two people may share it.
    """
    parts = person_parts(people["name"]).select("name", "whole")
    plain = pl.col("name").str.to_lowercase().str.strip_chars()
    named = (
        people.select("name")
        .join(parts, on="name", how="left", maintain_order="left")
        .select(pl.coalesce("whole", pl.when(plain != "").then(plain)))
    )
    table = pl.DataFrame(
        {
            "email": email_keys(people["email"]),
            "name": named.to_series(),
            "company": company_key(people["company"]),
        }
    )
    return table.select(
        pl.coalesce("email", pl.col("name") + "|" + pl.col("company").fill_null("")).alias(
            "person_key"
        )
    ).to_series()


def best_of(people: pl.DataFrame) -> pl.DataFrame:
    """One row per person_key: the surest match, ties broken by content.

    The order is total on what is stored, so the result does not depend on which file, or which row of
    a file, came first.
    """
    repeated = people["person_key"].is_duplicated()
    if not repeated.any():
        return people
    ranked = (
        people.filter(repeated)
        .sort(["person_key", *_ORDER], descending=[False, True] + [False] * 5, nulls_last=True)
        .unique("person_key", keep="first", maintain_order=True)
    )
    return pl.concat([people.filter(~repeated), ranked])
