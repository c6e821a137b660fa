"""What the matcher knows about customers, as plain frames: loaded by a service, read by nobody else."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

CUSTOMERS = {"customer_id": pl.Int64, "name": pl.Utf8}
NAMES = {"customer_id": pl.Int64, "name": pl.Utf8}
DOMAINS = {"customer_id": pl.Int64, "domain": pl.Utf8}
STAKEHOLDERS = {
    "stakeholder_id": pl.Int64,
    "customer_id": pl.Int64,
    "first_name": pl.Utf8,
    "last_name": pl.Utf8,
}
EMAILS = {"stakeholder_id": pl.Int64, "customer_id": pl.Int64, "email": pl.Utf8}
ANSWERS = {"kind": pl.Utf8, "key": pl.Utf8, "customer_id": pl.Int64, "verdict": pl.Utf8}


@dataclass(frozen=True)
class CustomerBook:
    """Customers, their other names and domains, their people, and what people have answered before.

    Values are as entered; the matcher folds them itself. `answers.kind` is 'domain', 'name' or
    'email', its `verdict` 'is' (belongs to that customer), 'never' (not to that customer) or
    'nobody' (to no customer at all, `customer_id` null).
    """

    customers: pl.DataFrame
    names: pl.DataFrame
    domains: pl.DataFrame
    stakeholders: pl.DataFrame
    emails: pl.DataFrame
    answers: pl.DataFrame
    own_domains: tuple[str, ...] = ()


def empty_book(own_domains: tuple[str, ...] = (), **frames: pl.DataFrame) -> CustomerBook:
    """A book with the right columns and no rows, but for the frames named."""
    schemas = {
        "customers": CUSTOMERS,
        "names": NAMES,
        "domains": DOMAINS,
        "stakeholders": STAKEHOLDERS,
        "emails": EMAILS,
        "answers": ANSWERS,
    }
    empty = {name: pl.DataFrame(schema=schema) for name, schema in schemas.items()}
    return CustomerBook(**(empty | frames), own_domains=own_domains)
