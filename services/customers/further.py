"""Further identifiers of customers: a list of one program says by which another one knows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import AlreadyExists, BadInput, NotFound
from data.tables import Customer, CustomerIdentifier
from data.texts import one_line
from data.versions import FACTS, bump
from services.access import Viewer, audit, require_customer
from services.customers import cells, former
from services.customers.known import Known

LONGEST = 100
TAKEN = (
    "Another customer has this identifier, and each leads to one customer. Remove it there first."
)


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


def one_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a customer file without an `other_id` that stands beside several identifiers; a note says so. One
    that stands alone is the row's own."""
    alone = pl.col("external_id").is_null()
    rows = rows.with_columns(
        external_id=pl.coalesce("external_id", "other_id"),
        other_id=pl.when(~alone).then("other_id"),
    )
    several = pl.col("external_id").n_unique().over("other_id") > 1
    several &= pl.col("other_id").is_not_null()
    note = pl.format("Identifier “{}” left out: several customers here have it", pl.col("other_id"))
    rows = cells.add_note(rows, pl.when(several).then(note))
    return rows.with_columns(other_id=pl.when(~several).then("other_id"))


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
    note = pl.format("Identifier “{}” left out: another customer has it", pl.col("identifier"))
    taken = wanted.filter(~free).select("id", note=note)
    return wanted.filter(free).select("id", "identifier"), taken


def add_identifier(
    session: Session, customer_id: int, identifier: str, *, by: Viewer, now: datetime
) -> str:
    """Gives it as stored; one that leads to the customer already is left as it is. AlreadyExists where it leads to
    another one."""
    require_customer(session, by, customer_id)
    clean = one_line(identifier)
    if not 1 <= len(clean) <= LONGEST:
        raise BadInput(f"Type an identifier of 1 to {LONGEST} characters.")
    leads_to = _leads_to(session, clean)
    if leads_to not in (None, customer_id):
        raise AlreadyExists(TAKEN)
    if leads_to is None:
        session.add(CustomerIdentifier(identifier=clean, customer_id=customer_id))
        _told(session, by, "customer.identifier_added", customer_id, clean, now)
    return clean


def remove_identifier(
    session: Session, customer_id: int, identifier: str, *, by: Viewer, now: datetime
) -> None:
    """Lists find the customer by it no more."""
    require_customer(session, by, customer_id)
    found = session.get(CustomerIdentifier, identifier)
    if found is None or found.customer_id != customer_id:
        raise NotFound("The customer does not have this identifier any more. Reload the page.")
    session.delete(found)
    _told(session, by, "customer.identifier_removed", customer_id, identifier, now)


def become_own(session: Session, customer_id: int, identifier: str) -> None:
    """It becomes the one on the customer, and is a further one no more. AlreadyExists where it is another's."""
    found = session.get(CustomerIdentifier, identifier)
    if found is not None and found.customer_id != customer_id:
        raise AlreadyExists(TAKEN)
    if found is not None:
        session.delete(found)


def _leads_to(session: Session, identifier: str) -> int | None:
    own = session.scalar(select(Customer.id).where(Customer.external_id == identifier))
    found = session.get(CustomerIdentifier, identifier)
    return own or (found.customer_id if found else former.leads_to(session, identifier))


def _told(
    session: Session, by: Viewer, action: str, customer_id: int, what: str, now: datetime
) -> None:
    audit(session, by, action, "customer", customer_id, what, now)
    bump(session, FACTS)
