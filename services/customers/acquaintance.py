"""Which stakeholder each row of a contacts file speaks of: by external id, else by address, else by name."""

from __future__ import annotations

import polars as pl

_FOUND = {"line": pl.UInt32, "id": pl.Int64}
_OWNER = {"email": pl.Utf8, "id": pl.Int64}


def recognise(
    rows: pl.DataFrame, emails: pl.DataFrame, people: pl.DataFrame, owners: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`line`, `id` for every row, and whose each address of the file is (`email`, `id`).

    `rows`: line, external_id, customer_id, key (folded full name). `emails`: line, email, position.
    `people`: id, external_id, customer_id, key. `owners`: email, id, as stored. New stakeholders have
    ids below zero.

    Another external id means another person, unless address, name and customer all agree. Rows
    without one belong to whoever has their address, and rows without an address to the one of that
    name at that customer. Who has an address keeps it, else the first row with an external id, else
    the first row: a second import of the file meets the same owners and decides the same.
    """
    numbered = rows.filter(pl.col("external_id").is_not_null()).sort("line")
    plain = rows.filter(pl.col("external_id").is_null()).sort("line")
    ids = _numbered(numbered, emails, people, owners)
    owners = _claim(owners, emails, ids)
    addressed = _by_address(plain, emails, owners, before=_new_count(ids))
    ids = pl.concat([ids, addressed])
    owners = _claim(owners, emails, addressed)
    nameless = plain.join(ids, on="line", how="anti")
    after = _people_after(people, rows, ids)
    last = _by_name(nameless, after, owners, before=_new_count(ids))
    return pl.concat([ids, last]).sort("line"), owners


def names_kept(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Who was recognised under another system's identifier, by name too, is not renamed by the same file:
    the next import of it would take them for somebody else."""
    theirs = people.select("id", _known_as="external_id")
    rows = rows.join(theirs, on="id", how="left", maintain_order="left")
    elsewhere = (pl.col("external_id") != pl.col("_known_as")).any().over("id")
    names = [
        pl.when(~elsewhere.fill_null(value=False)).then(pl.col(c)).alias(c)
        for c in ("first_name", "last_name")
    ]
    return rows.with_columns(names).drop("_known_as")


def _numbered(
    rows: pl.DataFrame, emails: pl.DataFrame, people: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    known = people.drop_nulls("external_id").select("external_id", "id")
    by_id = rows.join(known, on="external_id").select(*_FOUND)
    rest = rows.join(by_id, on="line", how="anti")
    theirs = people.select("id", other="external_id", theirs="customer_id", their_key="key")
    hits = (
        rest.join(_sole_names(rest), on="external_id")
        .join(emails, on="line")
        .join(owners, on="email")
        .filter(~pl.col("id").is_in(by_id["id"].implode()))
        .join(theirs, on="id")
    )
    same_customer = pl.col("customer_id").is_null() | (pl.col("customer_id") == pl.col("theirs"))
    alike = same_customer & (pl.col("named") == pl.col("their_key"))
    hits = hits.filter(alike | (pl.col("other").is_null() & same_customer))
    hits = hits.sort("line", "position").unique("external_id", keep="first", maintain_order=True)
    adopted = hits.unique("id", keep="first", maintain_order=True).select("external_id", "id")
    by_address = rest.join(adopted, on="external_id").select(*_FOUND)
    new = rest.join(by_address, on="line", how="anti")
    return pl.concat(
        [by_id, by_address, _numbered_from(new, pl.col("line").min().over("external_id"), 0)]
    )


def _sole_names(rows: pl.DataFrame) -> pl.DataFrame:
    """`external_id`, `named`: the one name its rows agree on, null where there is none or several."""
    keys = pl.col("key").filter(pl.col("key") != "")
    named = pl.when(keys.n_unique() == 1).then(keys.first())
    return rows.group_by("external_id").agg(named=named)


def _numbered_from(rows: pl.DataFrame, first: pl.Expr, before: int) -> pl.DataFrame:
    """New stakeholders, one per distinct `first`, numbered on from -`before`."""
    number = first.rank("dense").cast(pl.Int64) + before
    return rows.with_columns(id=-number).select(*_FOUND)


def _new_count(ids: pl.DataFrame) -> int:
    return int(ids.filter(pl.col("id") < 0)["id"].n_unique())


def _claim(owners: pl.DataFrame, emails: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """`owners` and the addresses nobody had, each to the first row that brings it."""
    free = emails.join(owners, on="email", how="anti").join(ids, on="line")
    first = free.sort("line", "position").unique("email", keep="first", maintain_order=True)
    return pl.concat([owners, first.select(*_OWNER)])


def _by_address(
    rows: pl.DataFrame, emails: pl.DataFrame, owners: pl.DataFrame, before: int
) -> pl.DataFrame:
    mine = emails.join(rows.select("line"), on="line").sort("line", "position")
    direct = mine.join(owners, on="email").sort("line", "position")
    direct = direct.unique("line", keep="first", maintain_order=True).select(*_FOUND)
    linked = _components(mine)
    first_known = (
        linked.join(direct, on="line")
        .sort("line")
        .unique("root", keep="first", maintain_order=True)
    )
    through = linked.join(direct, on="line", how="anti").join(
        first_known.select("root", "id"), on="root"
    )
    found = pl.concat([direct, through.select(*_FOUND)])
    new = linked.join(found, on="line", how="anti")
    return pl.concat([found, _numbered_from(new, pl.col("root"), before)])


def _components(mine: pl.DataFrame) -> pl.DataFrame:
    """`line`, `root`: rows that share addresses, directly or by way of others, have the same root."""
    marked = mine.select("line", "email", root="line")
    while True:
        wider = marked.with_columns(root=pl.col("root").min().over("email"))
        wider = wider.with_columns(root=pl.col("root").min().over("line"))
        if wider["root"].equals(marked["root"]):
            return wider.select("line", "root").unique("line", maintain_order=True)
        marked = wider


def _people_after(people: pl.DataFrame, rows: pl.DataFrame, ids: pl.DataFrame) -> pl.DataFrame:
    """`people` as the rows found so far leave them, and the new ones, for looking up names."""
    told = rows.join(ids, on="line").sort("line")
    stated = told.group_by("id", maintain_order=True).agg(
        pl.col("external_id").drop_nulls().first(),
        pl.col("customer_id").drop_nulls().first(),
        pl.col("key").filter(pl.col("key") != "").last(),
    )
    both = people.join(stated, on="id", how="full", coalesce=True, suffix="_now")
    return both.select(
        "id",
        external_id=pl.coalesce("external_id", "external_id_now"),
        customer_id=pl.coalesce("customer_id_now", "customer_id"),
        key=pl.coalesce("key_now", "key"),
    )


def _by_name(
    rows: pl.DataFrame, people: pl.DataFrame, owners: pl.DataFrame, before: int
) -> pl.DataFrame:
    """The one person of that name there; of several, the one that nothing else would tell apart."""
    trait = ["customer_id", "key"]
    hits = rows.select("line", *trait).join(people, on=trait)
    alone = hits.filter(pl.len().over("line") == 1)
    bare = hits.join(alone, on="line", how="anti").filter(
        pl.col("external_id").is_null() & ~pl.col("id").is_in(owners["id"].unique().implode())
    )
    bare = bare.sort("id").unique("line", keep="first")
    found = pl.concat([alone, bare]).select(*_FOUND)
    new = rows.join(found, on="line", how="anti")
    return pl.concat([found, _numbered_from(new, pl.col("line").min().over(trait), before)])
