"""What is in the database already, as frames for the import to compare with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Double, Text, cast, select
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.tables import (
    Customer,
    CustomerDomain,
    CustomerIdentifier,
    CustomerName,
    Person,
    Stakeholder,
    StakeholderEmail,
)
from services.access import Viewer, visible
from services.customers.cells import folded

TEXTS = ("segment", "industry", "region", "country", "city", "time_zone", "lifecycle_stage")
DAYS = ("started_on", "renews_on", "churned_on")
LISTS = ("interests", "goals", "challenges")
CUSTOMER = {
    "id": pl.Int64,
    "external_id": pl.Utf8,
    "name": pl.Utf8,
    "parent_id": pl.Int64,
    "csm_id": pl.Int64,
    **dict.fromkeys(TEXTS, pl.Utf8),
    "arr": pl.Float64,
    "currency": pl.Utf8,
    **dict.fromkeys(DAYS, pl.Date),
    "reported_health": pl.Int64,
    **dict.fromkeys(LISTS, pl.Utf8),
}
"""A customer row in frames. Money as Float64: exact to the cent below 10^12, the column's own limit,
and the one type both drivers take in bulk. Lists as the JSON text they are stored as."""
LABELS = {
    "external_id": "Identifier",
    "name": "Name",
    "parent_id": "Parent",
    "csm_id": "CSM",
    "segment": "Segment",
    "industry": "Industry",
    "region": "Region",
    "country": "Country",
    "city": "City",
    "time_zone": "Time zone",
    "arr": "ARR",
    "currency": "Currency",
    "lifecycle_stage": "Lifecycle stage",
    "started_on": "Customer since",
    "renews_on": "Renewal date",
    "churned_on": "Churn date",
    "reported_health": "Health score",
    "interests": "Interests",
    "goals": "Goals",
    "challenges": "Challenges",
}
"""What people call a customer's fields."""
DOMAIN = {"id": pl.Int64, "domain": pl.Utf8}
IDENTIFIER = {"id": pl.Int64, "identifier": pl.Utf8}
NAME = {"id": pl.Int64, "name": pl.Utf8, "key": pl.Utf8, "main": pl.Boolean}
PERSON = {"id": pl.Int64, "name": pl.Utf8, "email": pl.Utf8}
STAKEHOLDER = {
    "id": pl.Int64,
    "external_id": pl.Utf8,
    "customer_id": pl.Int64,
    "first_name": pl.Utf8,
    "last_name": pl.Utf8,
    "title": pl.Utf8,
    "role": pl.Utf8,
    "time_zone": pl.Utf8,
    "language": pl.Utf8,
    "unsubscribed": pl.Boolean,
}
EMAIL = {"email": pl.Utf8, "id": pl.Int64, "is_primary": pl.Boolean}


@dataclass(frozen=True)
class Known:
    """Customers (CUSTOMER), their domains (DOMAIN), names (NAME: `main` is the name itself, else an alias) and
    further identifiers (IDENTIFIER)."""

    customers: pl.DataFrame
    domains: pl.DataFrame
    names: pl.DataFrame
    foreign: pl.Series
    """Ids that the person who imports may not change."""
    further: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=IDENTIFIER))


def read_known(session: Session, by: Viewer) -> Known:
    """Every customer, whoever looks after it: a name or domain means the same customer for everybody."""
    columns = [_readable(name) for name in CUSTOMER]
    customers = read_large(session, select(*columns).order_by(Customer.id), CUSTOMER)
    domains = read_large(session, select(CustomerDomain.customer_id, CustomerDomain.domain), DOMAIN)
    aliases = read_large(
        session,
        select(CustomerName.customer_id, CustomerName.name),
        {"id": pl.Int64, "name": pl.Utf8},
    )
    i = CustomerIdentifier
    further = read_large(session, select(i.customer_id, i.identifier), IDENTIFIER)
    names = name_frame(customers, aliases)
    return Known(customers, domains, names, _foreign(session, by), further)


def _readable(name: str) -> Any:
    column = getattr(Customer, name)
    if name in LISTS:
        return cast(column, Text)
    # Decimals would come back as Python objects; see CUSTOMER.
    return cast(column, Double) if name == "arr" else column


def name_frame(customers: pl.DataFrame, aliases: pl.DataFrame) -> pl.DataFrame:
    """Names and aliases with their comparison key, one row per customer and key."""
    both = pl.concat(
        [
            customers.select("id", "name", main=pl.lit(value=True)),
            aliases.select("id", "name", main=pl.lit(value=False)),
        ]
    )
    keyed = both.with_columns(key=folded("name")).unique(
        ["id", "key"], keep="first", maintain_order=True
    )
    return keyed.select(*NAME)


def _foreign(session: Session, by: Viewer) -> pl.Series:
    if by.sees_all:
        return pl.Series("id", [], dtype=pl.Int64)
    rows = session.scalars(select(Customer.id).where(~visible(by) | Customer.csm_id.is_(None)))
    return pl.Series("id", list(rows), dtype=pl.Int64)


def read_people(session: Session) -> pl.DataFrame:
    """Colleagues (PERSON)."""
    return read_large(session, select(Person.id, Person.name, Person.email), PERSON)


def read_stakeholders(session: Session) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stakeholders (STAKEHOLDER) and their addresses (EMAIL)."""
    columns = [getattr(Stakeholder, name) for name in STAKEHOLDER]
    people = read_large(session, select(*columns).order_by(Stakeholder.id), STAKEHOLDER)
    e = StakeholderEmail
    emails = read_large(session, select(e.email, e.stakeholder_id, e.is_primary), EMAIL)
    return people, emails
