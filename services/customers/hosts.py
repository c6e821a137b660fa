"""Mail domains and other names of customers as files give them."""

from __future__ import annotations

import polars as pl

from services.customers import cells, values
from services.customers.known import DOMAIN
from services.matching.prepared import free_mail


def domain_rows(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with a note where a piece is no domain, and `line`, `domain` for each that is."""
    split = pl.col("domain").str.replace_all(r"[;,|\s]+", " ").str.split(" ")
    pieces = rows.select("line", piece=split).explode("piece")
    pieces = pieces.filter(pl.col("piece").is_not_null() & (pl.col("piece") != ""))
    pieces = pieces.with_columns(note=pl.lit(None, pl.Utf8))
    pieces = cells.convert(pieces, "piece", "Domain", values.parse_domain, pl.Utf8)
    bad = pieces.drop_nulls("note").group_by("line").agg(_bad=pl.col("note").str.join("; "))
    rows = rows.join(bad, on="line", how="left", maintain_order="left")
    rows = cells.add_note(rows, pl.col("_bad")).drop("_bad")
    found = pieces.drop_nulls("piece").select("line", domain="piece").unique(maintain_order=True)
    return rows, found


def without_free_mail(
    wanted: pl.DataFrame, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split new domains (id, domain) into those to keep and free-mail ones beside a domain of one's own.

    `known` (id, domain) is what these customers have already. A free-mail domain stays only where a
    customer has no other: half the world writes from there.
    """
    free = pl.col("domain").is_in(free_mail().implode())
    own = pl.concat([wanted.select(*DOMAIN), known.select(*DOMAIN)]).filter(~free)["id"].unique()
    needless = free & pl.col("id").is_in(own.implode())
    return wanted.filter(~needless), wanted.filter(needless)


def other_names(rows: pl.DataFrame) -> pl.DataFrame:
    """`line`, `name` for each of the other names in the column `aliases`."""
    listed = rows.select("line", "aliases").drop_nulls("aliases")
    split = pl.Series("name", map(values.split_list, listed["aliases"]), pl.List(pl.Utf8))
    pieces = listed.select("line", split).explode("name").drop_nulls("name")
    return pieces.filter(pl.col("name").str.len_chars().is_between(1, 300))
