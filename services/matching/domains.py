"""Who owns the domain of an address: answers first, then what customers entered, then one slip away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from services.matching.addresses import chains
from services.matching.nearby import deletions, one_slip
from services.matching.prepared import free_mail
from services.matching.words import GIANTS

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook

OWNED = {"domain": pl.Utf8, "customer_id": pl.Int64, "answered": pl.Boolean}


def describe(domains: pl.Series, book: PreparedBook) -> pl.DataFrame:
    """Distinct domains: `domain`, `root` (what to ask about), `free`, `nobody`, `own`."""
    links = chains(domains)
    nobody = links.join(
        book.answered("domain", "nobody"), left_on="link", right_on="key", how="semi"
    )
    told = links.with_columns(
        free=pl.col("link").is_in(free_mail().implode()),
        own=pl.col("link").is_in(book.own_domains),
        nobody=pl.col("domain").is_in(nobody["domain"].implode()),
    )
    return told.group_by("domain", "root").agg(pl.col("free", "own", "nobody").any())


def owners(domains: pl.Series, book: PreparedBook) -> pl.DataFrame:
    """Distinct domains -> each customer that owns them: `domain`, `customer_id`, `answered`.

    The longest part of a domain that somebody knows decides (eu.umbra.example before
    umbra.example); an answer replaces what was entered for the same part.
    """
    links = chains(domains)
    said = links.join(book.answered("domain", "is"), left_on="link", right_on="key")
    known = links.join(book.domains, on="link").join(said, on=["domain", "link"], how="anti")
    both = pl.concat(
        [
            said.select(
                "domain",
                "length",
                "customer_id",
                answered=pl.lit(value=True),
                entered=pl.lit(value=True),
            ),
            known.select(
                "domain", "length", "customer_id", pl.lit(value=False).alias("answered"), "entered"
            ),
        ]
    )
    rank = pl.col("entered").cast(pl.Int64) * 1000 + pl.col("length")
    best = both.filter(rank == rank.max().over("domain"))
    never = links.join(book.answered("domain", "never"), left_on="link", right_on="key")
    best = best.join(never, on=["domain", "customer_id"], how="anti")
    return best.select(pl.col(name).cast(kind) for name, kind in OWNED.items()).unique()


def never(domains: pl.Series, book: PreparedBook) -> pl.DataFrame:
    """`domain`, `customer_id`: pairs somebody ruled out."""
    said = book.answered("domain", "never")
    pairs = chains(domains).join(said, left_on="link", right_on="key")
    return pairs.select("domain", "customer_id").unique()


def mistyped(domains: pl.Series, book: PreparedBook) -> pl.DataFrame:
    """Domains one slip from those of exactly one customer: `domain`, `near`, `customer_id`."""
    if domains.is_empty():
        return pl.DataFrame(schema={"domain": pl.Utf8, "near": pl.Utf8, "customer_id": pl.Int64})
    pairs = one_slip(domains, book.domain_marks).rename({"text": "domain"})
    entered = book.domains.filter("entered").select("link", "customer_id")
    pairs = pairs.join(entered, left_on="near", right_on="link")
    alone = pl.col("customer_id").n_unique().over("domain") == 1
    return pairs.filter(alone).sort("domain", "near").unique("domain", keep="first")


def mistyped_free_mail(domains: pl.Series) -> pl.DataFrame:
    """Domains one slip from a large free-mail provider: `domain`, `near`."""
    big = pl.Series([name for name in GIANTS if name.index(".") >= 5])
    pairs = one_slip(domains, deletions(big)).rename({"text": "domain"})
    return pairs.sort("domain", "near").unique("domain", keep="first")
