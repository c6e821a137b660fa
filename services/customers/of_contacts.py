"""Whose contact each row of a contacts file is: the customer that its cells or its address lead to."""

from __future__ import annotations

import polars as pl

from services.customers import cells
from services.customers.known import Known
from services.matching.prepared import free_mail

_CUSTOMER = ("customer", "customer_name")
"""What names a row's customer, the surer first."""


def with_customer(rows: pl.DataFrame, emails: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`customer_id` by identifier, name or domain, of `customer` before `customer_name`; where both are blank or
    lead to no single customer, by the domain of the first address."""
    rows = _with_named(rows, known)
    said = pl.concat_str(*map(_quoted, _CUSTOMER), separator=" or ", ignore_nulls=True)
    unknown = pl.format(
        "No single customer has the identifier, name or domain {}. Load it first, or correct the cell.",
        said,
    )
    hosts = _sole_domains(known).filter(~pl.col("domain").is_in(free_mail().implode()))
    first = emails.filter(pl.col("position") == pl.col("position").min().over("line"))
    guessed = first.select("line", domain=pl.col("email").str.extract(r"@(.+)$")).join(
        hosts, on="domain"
    )
    guessed = guessed.select("line", _guess="id")
    rows = rows.join(guessed, on="line", how="left", maintain_order="left")
    rows = rows.with_columns(_guess=pl.when(pl.col("customer_id").is_null()).then(pl.col("_guess")))
    told = pl.any_horizontal(pl.col(_CUSTOMER).is_not_null())
    lost = told & pl.col("customer_id").is_null()
    helpless = lost & pl.col("_guess").is_null()
    rows = rows.with_columns(problem=pl.coalesce("problem", pl.when(helpless).then(unknown)))
    by_mail = pl.format(
        "No single customer is called {}: the domain of the e-mail address decided", said
    )
    return cells.add_note(rows, pl.when(lost & ~helpless).then(by_mail))


def _with_named(rows: pl.DataFrame, known: Known) -> pl.DataFrame:
    """`customer_id` by the first cell that leads to a single customer; the note says where the other would not."""
    cells_of = pl.concat(rows[name].rename("customer") for name in _CUSTOMER)
    by_cell = _customers_named(cells_of.drop_nulls().unique(), known)
    for name, found in zip(_CUSTOMER, ("_first", "_second"), strict=True):
        meant = by_cell.select(pl.col("customer").alias(name), pl.col("customer_id").alias(found))
        rows = rows.join(meant, on=name, how="left", maintain_order="left")
    first, second = pl.col("_first"), pl.col("_second")
    identifier, name = map(_quoted, _CUSTOMER)
    note = (
        pl.when(first.is_null() & pl.col("customer").is_not_null() & second.is_not_null())
        .then(pl.format("No single customer is called {}: the name {} decided", identifier, name))
        .when(first != second)
        .then(pl.format("{} decided: {} is another customer's name", identifier, name))
    )
    rows = cells.add_note(rows, note).with_columns(customer_id=pl.coalesce(first, second))
    return rows.drop("_first", "_second")


def _quoted(name: str) -> pl.Expr:
    return pl.format("“{}”", pl.col(name).str.slice(0, 60))


def _sole_domains(known: Known) -> pl.DataFrame:
    return known.domains.filter(pl.len().over("domain") == 1)


def _customers_named(texts: pl.Series, known: Known) -> pl.DataFrame:
    """`customer` (as written), `customer_id`, for those that lead to exactly one."""
    table = texts.to_frame("customer").with_columns(key=cells.folded("customer"))
    ids = known.customers.drop_nulls("external_id").select(customer="external_id", by_id="id")
    names = known.names.filter(pl.len().over("key") == 1).select("key", by_name="id")
    host = (
        pl.col("key")
        .str.replace(r"^[a-z]+://", "")
        .str.replace(r"/.*$", "")
        .str.strip_prefix("www.")
    )
    hosts = _sole_domains(known).select("domain", by_domain="id")
    found = (
        table.with_columns(domain=host)
        .join(ids, on="customer", how="left")
        .join(names, on="key", how="left")
        .join(hosts, on="domain", how="left")
    )
    found = found.with_columns(customer_id=pl.coalesce("by_id", "by_name", "by_domain"))
    return found.select("customer", "customer_id")
