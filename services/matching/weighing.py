"""How much a company name is worth beside the person's name and the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook


def weighed(pairs: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Adds `confidence`, the pieces added up in log-odds.

    `pairs`: `row`, `customer_id`, `p` and `said` (company name), `person`, `root`, `free`, `domain`.
    """
    pairs = _with_label(pairs, book)
    met = pl.col("person").is_not_null()
    bonus = pl.when(pl.col("person") == "exact").then(5.5).when(met).then(4.0).otherwise(0.0)
    foreign = pl.col("domain").is_not_null() & ~pl.col("free")
    against = pl.when(pl.col("label_agrees")).then(2.0).when(met).then(-1.0).otherwise(-2.5)
    odds = (pl.col("p") / (1 - pl.col("p"))).log()
    odds = odds + bonus + pl.when(foreign).then(against).otherwise(0.0)
    # A name alone never outweighs a domain nobody knows: relatives of customers look just like this.
    cap = pl.when(foreign & ~met).then(0.89).otherwise(0.97)
    sum_up = pl.min_horizontal(1 / (1 + (-odds).exp()), cap)
    alone = pl.col("said") & (pl.col("p") > 0.9)
    return pairs.with_columns(confidence=pl.when(alone).then(0.99).otherwise(sum_up))


def _with_label(pairs: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """`label_agrees`: the domain's own word is the customer's name, or the one begins with the other."""
    asked = pairs.filter(pl.col("root").is_not_null()).select("customer_id", "root").unique()
    core = pl.col("core").str.replace_all(" ", "", literal=True)
    names = book.names.select("customer_id", "compact", squeezed=core)
    word = pl.col("root").str.extract(r"^([^.]*)").str.replace_all("-", "", literal=True)
    asked = asked.with_columns(word=word).join(names, on="customer_id")
    word = pl.col("word")
    agrees = pl.lit(value=False)
    for form in (pl.col("compact"), pl.col("squeezed")):
        begun = word.str.starts_with(form) | form.str.starts_with(word)
        long_enough = pl.min_horizontal(word.str.len_chars(), form.str.len_chars()) >= 5
        agrees = agrees | (word == form) | (begun & long_enough)
    told = asked.group_by("customer_id", "root").agg(label_agrees=agrees.any())
    pairs = pairs.join(told, on=["customer_id", "root"], how="left")
    return pairs.with_columns(pl.col("label_agrees").fill_null(value=False))
