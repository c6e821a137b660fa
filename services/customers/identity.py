"""Which customer each row of a file speaks of: by external id, else by domain, else by name."""

from __future__ import annotations

import polars as pl

from services.customers import further
from services.customers.hosts import without_free_mail
from services.customers.known import Known
from services.customers.namesakes import choose

MOST_LOOKS = 6

VIA = ("external id", "domain and name", "domain", "name", "new", "unclear", "namesake")
_FOUND = {"line": pl.UInt32, "id": pl.Int64, "via": pl.Utf8}


def identify(
    rows: pl.DataFrame, domains: pl.DataFrame, aliases: pl.DataFrame, known: Known
) -> pl.DataFrame:
    """One row per line: `line`, `id`, `via` (one of VIA). New customers have ids below zero, and where
    several customers are meant as likely as not, the id is null.

    `rows`: line, external_id, other_id, key (folded name or null), used (has a CSM or ARR). `domains`: line, domain. `aliases`: line, key.

    A domain or a name alone decides only when it leads to exactly one customer, and never to one
    that has another external id of the same looks, since that is another customer of the same CRM;
    ids of other looks come from another system. A domain alone never leads to a customer that
    another row names outright. Where domain and name agree, ids of the same looks may differ too,
    unless the file has that customer as well.

    Looked at again as if the outcome were stored already, until nothing changes: then a second
    import of the file, which finds it stored, comes to the same answer.
    """
    found = _once(rows, domains, known, before=0)
    for _ in range(MOST_LOOKS):
        stored = _as_stored(known, rows, domains, aliases, found)
        again = _once(rows, domains, stored, before=-min(0, _lowest(found)))
        if again.select("line", "id").equals(found.select("line", "id")):
            break
        found = again
    return found


def _lowest(found: pl.DataFrame) -> int:
    return found.select(pl.col("id").min().fill_null(0)).item() if found.height else 0


def _once(rows: pl.DataFrame, domains: pl.DataFrame, known: Known, *, before: int) -> pl.DataFrame:
    """Rows with an external id first, then the others among them too. New ids go on from -`before`."""
    numbered = rows.filter(pl.col("external_id").is_not_null())
    plain = rows.filter(pl.col("external_id").is_null())
    by_id = _by_external_id(numbered, known)
    rest = numbered.join(by_id, on="line", how="anti")
    by_trait = _one_per_external_id(_by_trait(rest, domains, known, by_id["id"]), rest)
    rest = rest.join(by_trait, on="line", how="anti")
    alike = _namesakes(rest, domains, known)
    added = _new_by(rest.join(alike, on="line", how="anti"), "external_id", before)
    settled = pl.concat([by_id, by_trait, alike, added])
    wider = _as_stored(
        known, numbered, domains, domains.clear().select("line", key="domain"), settled
    )
    found = _by_trait(plain, domains, wider, settled["id"].drop_nulls())
    rest = plain.join(found, on="line", how="anti")
    alike = _namesakes(rest, domains, wider)
    found = pl.concat([found, alike])
    rest = rest.join(alike, on="line", how="anti")
    unclear = _unclear(rest, domains, wider)
    last = _new_by(
        rest.join(unclear, on="line", how="anti"), "key", before + added["id"].n_unique()
    )
    return pl.concat([settled, found, unclear, last]).sort("line")


def _by_external_id(rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    """By the row's own identifier, else by its further one, but never a customer that the row's own program
    knows as another."""
    ids = further.every(known)
    first, second = (
        rows.join(ids, left_on=column, right_on="identifier").select("line", "id")
        for column in ("external_id", "other_id")
    )
    theirs = second.join(rows.select("line", "external_id"), on="line").join(ids, on="id")
    same_looks = further.system(pl.col("external_id")) == further.system(pl.col("identifier"))
    clash = theirs.filter(same_looks & (pl.col("external_id") != pl.col("identifier")))
    second = second.join(clash, on="line", how="anti", maintain_order="left")
    hits = pl.concat([first, second]).unique("line", keep="first", maintain_order=True)
    return hits.select("line", "id", via=pl.lit(VIA[0]))


def _by_trait(
    rows: pl.DataFrame, domains: pl.DataFrame, known: Known, taken: pl.Series
) -> pl.DataFrame:
    """Lines found by domain and name, by domain alone or by name alone. `taken`: ids found outright."""
    known_id = known.customers.select("id", other=pl.col("external_id"))
    # Without a name there is nothing to hold a domain against.
    mine = rows.drop_nulls("key").select("line", "key", "external_id")
    same_name = known.names.select("id", "key", "main", same=pl.lit(value=True))
    by_domain = (
        mine.join(domains, on="line")
        .join(known.domains, on="domain")
        .unique(["line", "id"])
        .join(same_name, on=["id", "key"], how="left")
    )
    by_domain = _possible(by_domain, known_id, taken)
    by_name = _possible(mine.join(same_name, on="key"), known_id, taken)
    both = _sole(_own_names_first(by_domain.filter(pl.col("same"))), VIA[1])
    named = _sole(_own_names_first(by_name), VIA[3], accept=~pl.col("clash"))
    claimed = pl.concat([taken, both["id"], named["id"]])
    free = ~pl.col("clash") & ~pl.col("id").is_in(claimed.implode())
    alone = _sole(by_domain, VIA[2], accept=free).filter(pl.col("id").is_unique())
    order = pl.concat([both, alone, named])
    return order.unique("line", keep="first", maintain_order=True)


def _possible(hits: pl.DataFrame, known_id: pl.DataFrame, taken: pl.Series) -> pl.DataFrame:
    """Hits with `clash`: two different external ids. One that another row has by its id is none at all."""
    mine, other = pl.col("external_id"), pl.col("other")
    clash = mine.is_not_null() & other.is_not_null() & (mine != other)
    clash &= further.system(mine) == further.system(other)
    marked = hits.join(known_id, on="id", how="left").with_columns(clash=clash)
    return marked.filter(~(pl.col("clash") & pl.col("id").is_in(taken.implode())))


def _own_names_first(hits: pl.DataFrame) -> pl.DataFrame:
    """Without customers that merely have the name besides their own, where it is somebody's own."""
    return hits.filter(pl.col("main") == pl.col("main").max().over("line"))


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


def _namesakes(rows: pl.DataFrame, domains: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Rows with only a name, which several customers have; the rows of one external id go together."""
    chosen, torn = choose(rows, domains, known)
    found = pl.concat(
        [
            chosen.select("line", "id", via=pl.lit(VIA[6])),
            torn.select("line", id=pl.lit(None, pl.Int64), via=pl.lit(VIA[5])),
        ]
    )
    owners = found.join(rows.select("line", "external_id"), on="line").sort("line")
    first = owners.drop_nulls("external_id").unique(
        "external_id", keep="first", maintain_order=True
    )
    numbered = rows.select("line", "external_id").join(first.drop("line"), on="external_id")
    plain = owners.filter(pl.col("external_id").is_null())
    return pl.concat([numbered.select(*_FOUND), plain.select(*_FOUND)])


def _new_by(rows: pl.DataFrame, column: str, before: int) -> pl.DataFrame:
    """New customers, one per distinct value of the column, numbered -1, -2 … after `before` others."""
    first = rows.with_columns(first=pl.col("line").min().over(column))
    number = pl.col("first").rank("dense").cast(pl.Int64) + before
    return first.select("line", id=-number, via=pl.lit(VIA[4]))


def _unclear(rows: pl.DataFrame, domains: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Rows whose name several customers have, with no domain that would set a new one apart."""
    same = known.names.select("id", "key", "main")
    several = _own_names_first(rows.join(same, on="key")).filter(pl.len().over("line") > 1)
    owned = domains.join(known.domains, on="domain").join(same, on="id")
    alike = rows.join(owned, on=["line", "key"]).select("line")
    bare = rows.join(domains, on="line", how="anti").select("line")
    lines = several.select("line").unique().join(pl.concat([alike, bare]), on="line", how="semi")
    return lines.select("line", id=pl.lit(None, pl.Int64), via=pl.lit(VIA[5]))


def _as_stored(
    known: Known,
    rows: pl.DataFrame,
    domains: pl.DataFrame,
    aliases: pl.DataFrame,
    found: pl.DataFrame,
) -> Known:
    """`known` as it would be after storing what was found for these rows."""
    told = rows.join(found.drop_nulls("id"), on="line").sort("line")
    told = told.filter(~pl.col("id").is_in(known.foreign.implode()))
    named = told.drop_nulls("key").unique("id", keep="last", maintain_order=True)
    told = told.filter((pl.col("id") > 0) | pl.col("id").is_in(named["id"].implode()))
    whose = told.select("line", "id")
    others = pl.concat(
        [
            told.drop_nulls("key").select("id", "key"),
            aliases.join(whose, on="line").select("id", "key"),
        ]
    )
    more, _ = without_free_mail(
        domains.join(whose, on="line").select("id", "domain"), known.domains
    )
    ids = told.drop_nulls("external_id").unique("id", keep="first", maintain_order=True)
    fresh = named.select("id", name="key").join(known.customers, on="id", how="anti")
    customers = pl.concat([known.customers, fresh], how="diagonal")
    customers = customers.join(ids.select("id", _now="external_id"), on="id", how="left")
    # Whether there is ARR is all that counts here, and a CSM does as well.
    used = told.filter("used")["id"].unique().implode()
    amount = pl.when(pl.col("id").is_in(used)).then(pl.lit(1.0))
    after = Known(
        customers.with_columns(
            external_id=pl.coalesce("external_id", "_now"), arr=pl.coalesce("arr", amount)
        ).drop("_now"),
        pl.concat([known.domains, more]).unique(maintain_order=True),
        _names_as_stored(known, named, others, told),
        known.foreign,
        known.further,
    )
    return further.added(after, further.new(told, after)[0])


def _names_as_stored(
    known: Known, named: pl.DataFrame, others: pl.DataFrame, told: pl.DataFrame
) -> pl.DataFrame:
    """A customer takes the file's last name for it, unless that is one of its other names and the file
    does not know it by its id; every further name stays as another one."""
    alias = known.names.filter(~pl.col("main")).select("id", "key")
    bare = known.customers.filter(pl.col("external_id").is_null())["id"].implode()
    theirs = known.customers.select("id", _id="external_id")
    own = (pl.col("via") == VIA[0]) & pl.col("external_id").eq_missing(pl.col("_id"))
    told = told.drop_nulls("external_id").join(theirs, on="id", how="left")
    sure = told.filter(own | pl.col("id").is_in(bare))
    kept = named.join(alias, on=["id", "key"], how="semi")
    kept = kept.filter(~pl.col("id").is_in(sure["id"].unique().implode()))
    taken = named.join(kept, on="id", how="anti").select("id", "key")
    before = known.names.with_columns(
        main=pl.col("main") & ~pl.col("id").is_in(taken["id"].implode())
    )
    first = taken.select("id", name="key", key="key", main=pl.lit(value=True))
    more = others.select("id", name="key", key="key", main=pl.lit(value=False))
    every = pl.concat([first, before, more])
    return every.unique(["id", "key"], keep="first", maintain_order=True)
