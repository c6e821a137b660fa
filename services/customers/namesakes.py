"""Customers of the same name: rows that look like duplicates, and which customer a bare name means."""

from __future__ import annotations

import polars as pl

from services.access import CSM, Viewer
from services.customers import cells, further
from services.customers.known import Known

_COLLEAGUES = "a colleague’s customer"
_NAMED = 3
_SHARED = (
    "Taken for a new customer by its name, though its domains are those of {}. If it is one of these, merge the two "
    "on the Customer page; until then people from there are asked about under Match review"
)
_FOUND = {"line": pl.UInt32, "id": pl.Int64}


def with_leaders(rows: pl.DataFrame, domains: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`rows` with `duplicate_of`, and the identifier of that line in place of a duplicate's own ones.

    A duplicate has the name (`key`) of another row, an unknown identifier of its own, and no domain.
    It goes with the one identifier of that name that has a domain; where none has, with the first
    that is known, else the first. Where several have one it stays what it is.
    """
    named = rows.filter(pl.col("external_id").is_not_null() & pl.col("key").is_not_null())
    hosted = pl.col("line").is_in(domains["line"].unique().implode())
    stored = further.every(known)["identifier"].implode()
    marked = named.select(
        "line",
        "key",
        "external_id",
        hosted=hosted.any().over("external_id"),
        known=pl.col("external_id").is_in(stored),
    )
    ids = marked.sort("line").unique(["key", "external_id"], keep="first", maintain_order=True)
    several = ids.filter(pl.len().over("key") > 1, pl.col("hosted").sum().over("key") < 2)
    leaders = several.sort(~pl.col("hosted"), ~pl.col("known"), "line").unique(
        "key", keep="first", maintain_order=True
    )
    leaders = leaders.select("key", _leader="external_id", duplicate_of="line")
    bare = marked.filter(~pl.col("hosted") & ~pl.col("known")).select("line", "key", "external_id")
    led = bare.join(leaders, on="key").filter(pl.col("external_id") != pl.col("_leader"))
    # An identifier that stands for two names would otherwise be torn in two.
    led = led.filter(pl.col("external_id").is_in(_of_one_name(rows).implode()))
    rows = rows.join(
        led.select("line", "_leader", "duplicate_of"), on="line", how="left", maintain_order="left"
    )
    alone = pl.when(pl.col("_leader").is_null()).then("other_id")
    led = rows.with_columns(external_id=pl.coalesce("_leader", "external_id"), other_id=alone)
    return led.drop("_leader")


def _of_one_name(rows: pl.DataFrame) -> pl.Series:
    counted = rows.drop_nulls("external_id").group_by("external_id")
    return counted.agg(names=pl.col("key").n_unique()).filter(pl.col("names") == 1)["external_id"]


def choose(
    rows: pl.DataFrame, domains: pl.DataFrame, known: Known
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """For rows without a domain whose name several customers have: `line`, `id` where one of these
    stands out, and the `line` of those where none does.

    One stands out when it alone has a domain, or when it alone has a domain, a CSM or ARR.
    """
    hosted = domains.join(rows.select("line", "external_id"), on="line")
    bare = rows.drop_nulls("key").join(hosted, on="line", how="anti")
    bare = bare.join(hosted.drop_nulls("external_id"), on="external_id", how="anti")
    hits = bare.select("line", "key").join(known.names.select("id", "key", "main"), on="key")
    hits = hits.filter(pl.col("main") == pl.col("main").max().over("line"))
    hits = hits.filter(pl.len().over("line") > 1)
    used = known.customers.select(
        "id", used=pl.any_horizontal(pl.col("csm_id", "arr").is_not_null())
    )
    hits = hits.join(used, on="id", how="left").with_columns(
        host=pl.col("id").is_in(known.domains["id"].unique().implode())
    )
    hits = hits.with_columns(used=pl.col("host") | pl.col("used").fill_null(value=False))
    one = pl.col("host").sum().over("line") == 1
    stands_out = pl.when(one).then("host").otherwise("used")
    chosen = hits.filter(stands_out).filter(pl.len().over("line") == 1).select(*_FOUND)
    return chosen, hits.select("line").unique().join(chosen, on="line", how="anti")


def in_use(by: Viewer) -> pl.Expr:
    """Whether the row gives its customer ARR or a CSM; what a CSM loads anew becomes their own."""
    told = pl.any_horizontal(pl.col("arr", "csm_name", "csm_email").is_not_null())
    return told | pl.lit(by.role == CSM)


def told(rows: pl.DataFrame, domains: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Notes on rows that share their name with another row or with customers that are there, or their `domains`
    with several of these."""
    there = known.names.filter("main")["key"].unique().implode()
    repeated = pl.format("Looks like a duplicate of line {}", pl.col("duplicate_of"))
    taken = pl.format(
        "Several customers are called “{}”: taken for the one with a domain, a CSM or ARR",
        pl.col("name").str.slice(0, 60),
    )
    another = (pl.col("via") == "new") & cells.folded("name").is_in(there)
    rows = cells.add_note(rows, pl.when(pl.col("duplicate_of").is_not_null()).then(repeated))
    rows = cells.add_note(rows, pl.when(pl.col("via") == "namesake").then(taken))
    rows = cells.add_note(rows, pl.when(another).then(pl.lit("Another customer has this name")))
    shared = rows.join(_sharing(rows, domains, known), on="line", how="left", maintain_order="left")
    return cells.add_note(shared, pl.col("_shared")).drop("_shared")


def _sharing(rows: pl.DataFrame, domains: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`line`, `_shared`: what is said of a new customer that no identifier tells from the several that have its
    domains."""
    bare = rows.filter((pl.col("via") == "new") & pl.col("external_id").is_null()).select("line")
    owners = bare.join(domains, on="line").join(known.domains, on="domain").unique(["line", "id"])
    owners = owners.join(known.customers.select("id", "name"), on="id").sort("line", "name")
    hidden = pl.col("id").is_in(known.foreign.implode())
    quoted = pl.format("“{}”", pl.col("name").str.slice(0, 60))
    whose = owners.with_columns(whose=pl.when(hidden).then(pl.lit(_COLLEAGUES)).otherwise(quoted))
    several = whose.filter(pl.len().over("line") > 1).unique(["line", "whose"], maintain_order=True)
    listed = several.group_by("line", maintain_order=True).agg(
        named=pl.col("whose").head(_NAMED), more=pl.len().cast(pl.Int64) - _NAMED
    )
    more = pl.when(pl.col("more") > 0).then(pl.format(" and {} more", "more"))
    said = pl.concat_str(pl.col("named").list.join(", "), more, ignore_nulls=True)
    return listed.select("line", _shared=pl.format(_SHARED, said))


def unclear() -> pl.Expr:
    """Why a row is rejected whose name several customers have, none of whom stands out."""
    return pl.format(
        "Several customers are called “{}”: merge them on the Customer page, rename one, or give the domain.",
        pl.col("name").str.slice(0, 60),
    )


def duplicates_first(rows: pl.DataFrame) -> pl.DataFrame:
    """The last cell counts, so a duplicate's cells only where the row it repeats has none."""
    return rows.sort(pl.col("duplicate_of").is_null(), "line")
