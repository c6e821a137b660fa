"""Mail domains of customers as files give them."""

from __future__ import annotations

import polars as pl

from services.customers import cells, values
from services.customers.known import DOMAIN
from services.matching.prepared import free_mail

ROW_DOMAIN = {"line": pl.UInt32, "domain": pl.Utf8}


def domain_rows(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with a note where a piece is no domain, and `line`, `domain` for each that is."""
    pieces = (
        rows.select(
            "line", piece=pl.col("domain").str.split_exact("\u0000", 0).struct.field("field_0")
        )
        if rows.is_empty()
        else rows.select(
            "line", piece=pl.col("domain").str.replace_all(r"[;,|\s]+", " ").str.split(" ")
        )
        .explode("piece")
        .filter(pl.col("piece").is_not_null() & (pl.col("piece") != ""))
    )
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
