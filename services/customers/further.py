"""Further identifiers of customers: a list of one program says by which another one knows them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from sqlalchemy.orm import Session

from services.customers import cells, former
from services.customers.known import Known
from services.customers.merged import came_along

HAVE_SEVERAL, HAS_ANOTHER = "several customers here have it", "another customer has it"


def every(known: Known) -> pl.DataFrame:
    """All identifiers by which customers are found: `identifier`, `id`. The one on the customer counts first."""
    own = known.customers.drop_nulls("external_id").select("id", identifier="external_id")
    both = pl.concat([own, known.further])
    return both.unique("identifier", keep="first", maintain_order=True)


def settle_references(rows: pl.DataFrame, column: str, known: Known) -> pl.DataFrame:
    """Cells that name a customer by a further identifier, with the one on the customer."""
    own = known.customers.drop_nulls("external_id").select("id", means="external_id")
    means = every(known).join(own, on="id")
    found = pl.col(column).replace_strict(
        means["identifier"], means["means"], default=None, return_dtype=pl.Utf8
    )
    return rows.with_columns(pl.coalesce(found, column).alias(column))


def own_if_alone(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a customer file in which an `other_id` that stands alone is the row's own identifier."""
    alone = pl.col("external_id").is_null()
    return rows.with_columns(
        external_id=pl.coalesce("external_id", "other_id"),
        other_id=pl.when(~alone).then("other_id"),
    )


def one_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a customer file without an `other_id` that stands beside several identifiers; a note says so."""
    several = pl.col("external_id").n_unique().over("other_id") > 1
    several &= pl.col("other_id").is_not_null()
    return _without_other(rows, several, HAVE_SEVERAL)


def settle_merged(
    session: Session, rows: pl.DataFrame, known: Known, blank: list[str]
) -> pl.DataFrame:
    """Rows whose `other_id` is that of a merged customer speak of the one that is left, unless their own identifier is
    somebody else's. Where that one has a row of its own beside them, the cells of `blank` are emptied; of the others
    `of_merged` says that they may yet turn out to have one: see `beside`."""
    meant = former.current(session)
    merged = pl.col("other_id").is_in(list(meant)).fill_null(value=False)
    if rows.filter(merged).is_empty():
        return rows.with_columns(of_merged=pl.lit(value=False))
    means = pl.col("other_id").replace_strict(meant, default=None, return_dtype=pl.Utf8)
    rows = rows.with_columns(_means=means)
    rows = _without_other(rows, _somebody_elses(every(known)), HAS_ANOTHER)
    rows = rows.with_columns(_means=means, _double=means.is_in(_told(rows, known)))
    several = ~pl.col("_double") & (pl.col("external_id").n_unique().over("_means") > 1)
    rows = _without_other(rows, several & pl.col("_means").is_not_null(), HAVE_SEVERAL)
    of_merged = pl.col("_means").is_not_null() & pl.col("other_id").is_not_null()
    rows = rows.with_columns(
        of_merged=of_merged, other_id=pl.when(of_merged).then("_means").otherwise("other_id")
    )
    rows = _without_own(rows, pl.col("_double").fill_null(value=False), blank)
    alone = pl.col("of_merged") & pl.col("other_id").is_not_null()
    return rows.with_columns(of_merged=alone).drop("_means", "_double")


def beside(session: Session, rows: pl.DataFrame, blank: list[str]) -> pl.DataFrame:
    """Empty the cells of `blank` as well in rows `of_merged`, and those whose identifier came with a merge, where
    another row was found to be of the one that is left: which of them comes last must not decide."""
    usable, of_merged, came = pl.col("problem").is_null(), pl.col("of_merged"), pl.col("_came")
    ids = rows.filter(usable, pl.col("id") > 0).group_by("id")
    several = ids.agg(n=pl.col("external_id").n_unique()).filter(pl.col("n") > 1)["id"]
    along = pl.col("external_id").is_in(came_along(session, several))
    rows = rows.with_columns(_came=along.fill_null(value=False) & ~of_merged)
    others = (usable & ~of_merged & ~came).any().over("id")
    double = (of_merged | came) & usable & others
    own = pl.when(double & came).then("external_id").otherwise("other_id")
    rows = _without_own(rows.with_columns(other_id=own), double, blank)
    return rows.drop("of_merged", "_came")


def _without_own(rows: pl.DataFrame, where: pl.Expr, blank: list[str]) -> pl.DataFrame:
    """These rows of a merged customer under the identifier of the one that is left, their `other_id`, which is what
    the file's parents mean as well; without the cells of `blank`."""
    rows = rows.with_columns(_where=where)
    told = rows.filter("_where").unique("external_id")
    rows = cells.add_note(rows, pl.when("_where").then(pl.lit(former.NOTE)))
    rows = rows.with_columns(
        external_id=pl.when("_where").then("other_id").otherwise("external_id"),
        parent=pl.col("parent").replace(told["external_id"], told["other_id"]),
    )
    rows = rows.with_columns(pl.when(~pl.col("_where")).then(pl.col(c)).alias(c) for c in blank)
    return rows.drop("_where")


def _somebody_elses(ids: pl.DataFrame) -> pl.Expr:
    """Whether the row's identifier is that of another customer than the one meant, or of the same program."""
    its, their = (
        pl.col(c).replace_strict(ids["identifier"], ids["id"], default=None, return_dtype=pl.Int64)
        for c in ("external_id", "_means")
    )
    mine, theirs = pl.col("external_id"), pl.col("_means")
    other = (its != their) | (its.is_null() & (mine != theirs) & (system(mine) == system(theirs)))
    return other.fill_null(value=False)


def _told(rows: pl.DataFrame, known: Known) -> pl.Series:
    """Every identifier of the customers that the file names otherwise than by a merged one."""
    ids, named = every(known), rows.filter(pl.col("_means").is_null())
    named = pl.concat([named["external_id"], named["other_id"]]).drop_nulls()
    found = ids.filter(pl.col("identifier").is_in(named.implode()))["id"]
    return ids.filter(pl.col("id").is_in(found.implode()))["identifier"].implode()


def _without_other(rows: pl.DataFrame, where: pl.Expr, why: str) -> pl.DataFrame:
    note = pl.format(f"Identifier “{{}}” left out: {why}", pl.col("other_id"))
    rows = rows.with_columns(_where=where)
    rows = cells.add_note(rows, pl.when("_where").then(note))
    return rows.with_columns(other_id=pl.when(~pl.col("_where")).then("other_id")).drop("_where")


def system(external_id: pl.Expr) -> pl.Expr:
    """Which system an id may come from, by its looks: numbers of any length, else as many characters."""
    numeric = external_id.str.contains(r"^\d+$")
    return pl.when(numeric).then(0).otherwise(external_id.str.len_chars())


def added(known: Known, identifiers: pl.DataFrame) -> Known:
    return replace(known, further=pl.concat([known.further, identifiers]))


def new(rows: pl.DataFrame, known: Known) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Identifiers to add (id, identifier), of rows (id, external_id, other_id) that have two; and notes (id, note)
    on those that another customer has. `known`: customers as they will be, and the further ones of today."""
    pairs = rows.drop_nulls("other_id").select("id", "external_id", "other_id")
    wanted = pairs.unpivot(index="id", value_name="identifier").select("id", "identifier")
    wanted = wanted.drop_nulls().unique(maintain_order=True)
    has = every(known)
    wanted = wanted.join(has, on="identifier", how="left", suffix="_has", maintain_order="left")
    wanted = wanted.filter(pl.col("id").ne_missing(pl.col("id_has")))
    free = pl.col("id_has").is_null() & (pl.len().over("identifier") == 1)
    note = pl.format(f"Identifier “{{}}” left out: {HAS_ANOTHER}", pl.col("identifier"))
    taken = wanted.filter(~free).select("id", note=note)
    return wanted.filter(free).select("id", "identifier"), taken
