"""Who owns the domain of an address: answers first, then what customers entered, then one slip away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from services.matching.addresses import chains
from services.matching.nearby import deletions, one_slip
from services.matching.prepared import free_mail
from services.matching.words import GIANTS

if TYPE_CHECKING:
    from services.matching.prepared import PreparedBook

OWNED = {"domain": pl.Utf8, "customer_id": pl.Int64, "answered": pl.Boolean}


@dataclass(frozen=True, eq=False)
class DomainFacts:
    """What is known of the distinct domains of an upload."""

    about: (
        pl.DataFrame
    )  # domain, root (what to ask about), free, nobody, free_near (the provider meant)
    owners: pl.DataFrame  # domain, customer_id, answered
    never: pl.DataFrame  # domain, customer_id: ruled out
    typos: pl.DataFrame  # domain, near, customer_id: one slip from that customer's alone


def study(domains: pl.Series, book: PreparedBook) -> DomainFacts:
    """All there is to say about these domains; each is looked at once."""
    links = chains(domains)
    about, owned = _describe(links, book), _owners(links, book)
    stray = about.filter(~pl.col("free") & ~pl.col("nobody")).join(owned, on="domain", how="anti")
    marks = deletions(stray["domain"])
    slipped = _mistyped_free_mail(marks).rename({"near": "free_near"})
    about = about.join(slipped, on="domain", how="left")
    about = about.with_columns(free=pl.col("free") | pl.col("free_near").is_not_null())
    return DomainFacts(about, owned, _never(links, book), _mistyped(marks, book))


def _describe(links: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    silent = book.answered("domain", "nobody")["key"]
    told = links.with_columns(
        free=pl.col("link").is_in(free_mail().implode()),
        nobody=pl.col("link").is_in(silent.implode()),
    )
    return told.group_by("domain", "root").agg(pl.col("free", "nobody").any())


def _owners(links: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """The longest part of a domain that somebody knows decides (eu.umbra.example before
    umbra.example); an answer replaces what was entered for the same part.
    """
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
    best = best.join(_never(links, book), on=["domain", "customer_id"], how="anti")
    return best.select(pl.col(name).cast(kind) for name, kind in OWNED.items()).unique()


def _never(links: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """`domain`, `customer_id`: pairs somebody ruled out."""
    said = book.answered("domain", "never")
    pairs = links.join(said, left_on="link", right_on="key")
    return pairs.select("domain", "customer_id").unique()


def _mistyped(marks: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """`marks` (`deletions` of domains) one slip from those of exactly one customer: `domain`, `near`, `customer_id`."""
    pairs = one_slip(marks, book.domain_marks).rename({"text": "domain"})
    entered = book.domains.filter("entered").select("link", "customer_id")
    pairs = pairs.join(entered, left_on="near", right_on="link")
    alone = pl.col("customer_id").n_unique().over("domain") == 1
    return pairs.filter(alone).sort("domain", "near").unique("domain", keep="first")


def _mistyped_free_mail(marks: pl.DataFrame) -> pl.DataFrame:
    """`marks` (`deletions` of domains) one slip from a large free-mail provider: `domain`, `near`."""
    big = pl.Series([name for name in GIANTS if name.index(".") >= 5])
    pairs = one_slip(marks, deletions(big)).rename({"text": "domain"})
    return pairs.sort("domain", "near").unique("domain", keep="first")
