"""Which customer each row of a file speaks of: by external id, else by domain, else by name."""

from __future__ import annotations

import polars as pl

from services.customers.known import Known

VIA = ("external id", "domain and name", "domain", "name", "new")
_FOUND = {"line": pl.UInt32, "id": pl.Int64, "via": pl.Utf8}


def identify(rows: pl.DataFrame, domains: pl.DataFrame, known: Known) -> pl.DataFrame:
    """One row per line: `line`, `id`, `via` (one of VIA). New customers have ids below zero.

    `rows`: line, external_id, key (folded name or null). `domains`: line, domain.

    A domain or a name alone decides only when it leads to exactly one customer, and never to one
    that has another external id of the same looks, since that is another customer of the same CRM;
    ids of other looks come from another system. A domain alone never leads to a customer that
    another row names outright. Where domain and name agree, ids of the same looks may differ too,
    unless the file has that customer as well. Rows without an external id then look among the
    file's own new customers, so that a second import, which finds those in the database, comes to
    the same answer.
    """
    numbered = rows.filter(pl.col("external_id").is_not_null())
    plain = rows.filter(pl.col("external_id").is_null())
    by_id = _by_external_id(numbered, known)
    rest = numbered.join(by_id, on="line", how="anti")
    by_trait = _one_per_external_id(_by_trait(rest, domains, known, by_id["id"]), rest)
    added = _new_by(rest.join(by_trait, on="line", how="anti"), "external_id", 0)
    settled = pl.concat([by_id, by_trait, added])
    wider = _with_new(known, rows, domains, added)
    found = _by_trait(plain, domains, wider, settled["id"])
    last = _new_by(plain.join(found, on="line", how="anti"), "key", added["id"].n_unique())
    return pl.concat([settled, found, last]).sort("line")


def _by_external_id(rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    hits = rows.join(known.customers.select("id", "external_id"), on="external_id")
    return hits.select("line", "id", via=pl.lit(VIA[0]))


def _by_trait(
    rows: pl.DataFrame, domains: pl.DataFrame, known: Known, taken: pl.Series
) -> pl.DataFrame:
    """Lines found by domain and name, by domain alone or by name alone. `taken`: ids found outright."""
    known_id = known.customers.select("id", other=pl.col("external_id"))
    mine = rows.select("line", "key", "external_id")
    same_name = known.names.select("id", "key", same=pl.lit(value=True))
    by_domain = (
        mine.join(domains, on="line")
        .join(known.domains, on="domain")
        .unique(["line", "id"])
        .join(same_name, on=["id", "key"], how="left")
    )
    by_domain = _possible(by_domain, known_id, taken)
    by_name = _possible(mine.join(same_name, on="key"), known_id, taken)
    both = _sole(by_domain.filter(pl.col("same")), VIA[1])
    named = _sole(by_name, VIA[3], accept=~pl.col("clash"))
    claimed = pl.concat([taken, both["id"], named["id"]])
    free = ~pl.col("clash") & ~pl.col("id").is_in(claimed.implode())
    alone = _sole(by_domain, VIA[2], accept=free).filter(pl.col("id").is_unique())
    order = pl.concat([both, alone, named])
    return order.unique("line", keep="first", maintain_order=True)


def _possible(hits: pl.DataFrame, known_id: pl.DataFrame, taken: pl.Series) -> pl.DataFrame:
    """Hits with `clash`: two different external ids. One that another row has by its id is none at all."""
    mine, other = pl.col("external_id"), pl.col("other")
    clash = mine.is_not_null() & other.is_not_null() & (mine != other)
    clash &= _system(mine) == _system(other)
    marked = hits.join(known_id, on="id", how="left").with_columns(clash=clash)
    return marked.filter(~(pl.col("clash") & pl.col("id").is_in(taken.implode())))


def _system(external_id: pl.Expr) -> pl.Expr:
    """Which system an id may come from, by its looks: numbers of any length, else as many characters."""
    numeric = external_id.str.contains(r"^\d+$")
    return pl.when(numeric).then(0).otherwise(external_id.str.len_chars())


def _sole(hits: pl.DataFrame, via: str, accept: pl.Expr | None = None) -> pl.DataFrame:
    """Lines with exactly one hit, when that one is acceptable."""
    sole = hits.filter(pl.len().over("line") == 1)
    if accept is not None:
        sole = sole.filter(accept)
    return sole.select("line", "id", via=pl.lit(via))


def _one_per_external_id(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the same external id go together, and no two external ids to one customer."""
    owners = found.join(rows.select("line", "external_id"), on="line")
    first = owners.sort("line").unique("external_id", keep="first", maintain_order=True)
    first = first.unique("id", keep="first", maintain_order=True)
    return (
        rows.select("line", "external_id")
        .join(first.drop("line"), on="external_id")
        .select(*_FOUND)
    )


def _new_by(rows: pl.DataFrame, column: str, before: int) -> pl.DataFrame:
    """New customers, one per distinct value of the column, numbered -1, -2 … after `before` others."""
    first = rows.with_columns(first=pl.col("line").min().over(column))
    number = pl.col("first").rank("dense").cast(pl.Int64) + before
    return first.select("line", id=-number, via=pl.lit(VIA[4]))


def _with_new(
    known: Known, rows: pl.DataFrame, domains: pl.DataFrame, added: pl.DataFrame
) -> Known:
    """`known` and the file's own new customers."""
    fresh = rows.join(added, on="line").filter(pl.col("key").is_not_null())
    names = fresh.select("id", name="key", key="key", main=pl.lit(value=True)).unique(["id", "key"])
    more = domains.join(added, on="line").select("id", "domain").unique()
    ids = fresh.unique("id", keep="first").select("id", "external_id", name="key")
    return Known(
        customers=pl.concat([known.customers, ids], how="diagonal"),
        domains=pl.concat([known.domains, more]),
        names=pl.concat([known.names, names]),
        foreign=known.foreign,
    )
