"""Every text in the database, table by table, whatever the tables are: so that a new one is looked through too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table, cast, func, or_, select, update
from sqlalchemy.orm import Session

from data.tables import Base
from services.erasure.subject import Subject
from services.erasure.words import Scrubber

IDENTITIES = {
    "person": ("name", "email", "password_hash"),
    "customer": ("name",),
    "customer_name": ("name",),
    "customer_domain": ("domain",),
    "stakeholder": ("first_name", "last_name"),
    "participant": ("name",),
    "campaign_recipient": ("name",),
    "ticket_requester": ("name",),
    "registration": ("name",),
}
"""Names of others, which may happen to be the same: they stay."""


@dataclass(frozen=True)
class Mention:
    """A row that says an address or the name: `after` holds its texts without them."""

    table: Table
    key: tuple[Any, ...]
    after: dict[str, Any]


def mentions(session: Session, subject: Subject, scrubber: Scrubber) -> Iterator[Mention]:
    """All that is left of them, the log of what was done included. Nothing is changed."""
    for table in Base.metadata.sorted_tables:
        columns = [c for c in table.c if isinstance(c.type, (sa.String, sa.JSON))]
        if columns and table.primary_key:
            yield from _of_table(session, table, columns, subject, scrubber)


def _of_table(
    session: Session,
    table: Table,
    columns: list[sa.Column[Any]],
    subject: Subject,
    scrubber: Scrubber,
) -> Iterator[Mention]:
    close = set(subject.linked.get(table.name, ())) | _of_their_tickets(session, table, subject)
    key = list(table.primary_key)
    here = table.c.get("customer_id")
    extra = [*columns, *([here] if here is not None else [])]
    wanted = [*key, *(c for c in extra if c.name not in table.primary_key)]
    names = [c.name for c in wanted]
    suspects = _suspects(columns, scrubber)
    rows = list(session.execute(select(*wanted).where(suspects))) if suspects is not None else []
    seen = {tuple(row)[: len(key)] for row in rows}
    left = sorted(close - seen, key=str)
    for at in range(0, len(left), 500):
        rows += session.execute(select(*wanted).where(sa.tuple_(*key).in_(left[at : at + 500])))
    addresses_only = Scrubber(scrubber.instead, frozenset(), frozenset())
    for row in rows:
        number, told = tuple(row)[: len(key)], dict(zip(names, row, strict=True))
        about = number in close
        # Where two have the name, it is taken out where it can only mean this one.
        sure = about or not subject.namesakes or told.get("customer_id") == subject.customer_id
        after: dict[str, Any] = {}
        for column in columns:
            before = told[column.name]
            if before is None or (not about and column.name in IDENTITIES.get(table.name, ())):
                continue
            changed = (scrubber if sure else addresses_only).value(before, close=about)
            if changed != before:
                after[column.name] = _cut(changed, column)
        if after:
            yield Mention(table, number, after)


def _of_their_tickets(session: Session, table: Table, subject: Subject) -> set[tuple[Any, ...]]:
    """What others wrote on a ticket of theirs calls them by their first name."""
    tickets = [row[0] for row in subject.linked.get("ticket", ())]
    column, key = table.c.get("ticket_id"), list(table.primary_key)
    if column is None or not tickets:
        return set()
    found: set[tuple[Any, ...]] = set()
    for at in range(0, len(tickets), 500):
        here = column.in_(tickets[at : at + 500])
        found |= {tuple(row) for row in session.execute(select(*key).where(here))}
    return found


def _suspects(columns: list[sa.Column[Any]], scrubber: Scrubber) -> sa.ColumnElement[bool] | None:
    ways = [
        func.lower(cast(column, sa.Text)).contains(needle, autoescape=True)
        for column in columns
        for needle in scrubber.needles
    ]
    return or_(*ways) if ways else None


def _cut(value: Any, column: sa.Column[Any]) -> Any:
    length = getattr(column.type, "length", None)
    return value[:length] if isinstance(value, str) and length else value


def write(session: Session, mention: Mention) -> None:
    here = sa.and_(*(c == v for c, v in zip(mention.table.primary_key, mention.key, strict=True)))
    session.execute(update(mention.table).where(here).values(**mention.after))
