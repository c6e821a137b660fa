"""The list as people look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from data.bulk import read_frame
from data.tables import Customer, Person, Stakeholder, StakeholderEmail, Suppression
from services.access import Viewer, audit, visible
from services.export import to_csv, to_xlsx
from services.suppression.topics import topic_words

MOST = 500
MOST_EXPORTED = 100_000
WORDS = {
    "unsubscribed": "Unsubscribed",
    "hard_bounce": "Address does not exist",
    "complaint": "Reported as spam",
    "manual": "Added by a colleague",
    "imported": "Imported list",
}
"""Reasons as people read them."""
_HEADS = {
    "email": "E-mail",
    "topic": "Topic",
    "reason": "Why",
    "note": "Note",
    "customer": "Customer",
    "stakeholder": "Stakeholder",
    "at": "Since",
    "by": "Added by",
}
SCHEMA = {
    "id": pl.Int64,
    "email": pl.String,
    "topic": pl.String,
    "reason": pl.String,
    "note": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "by": pl.String,
    "customer_id": pl.Int64,
    "customer": pl.String,
    "stakeholder": pl.String,
    "lifted_at": pl.Datetime("us", "UTC"),
    "lifted_by": pl.String,
}


@dataclass(frozen=True)
class Listing:
    """`rows` has the columns of SCHEMA, topic and reason in words, newest first; `total` counts all."""

    rows: pl.DataFrame
    total: int


def listing(  # noqa: PLR0913 - the filters of a list
    session: Session,
    by: Viewer,
    *,
    search: str | None = None,
    reason: str | None = None,
    lifted: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> Listing:
    """Entries that stand (or were lifted). A CSM sees those of their customers and those they added."""
    conditions = [_visible(by), _state(lifted=lifted)]
    if reason:
        conditions.append(Suppression.reason == reason)
    if search and search.strip():
        conditions.append(_matches(search.strip()))
    total = session.scalar(_from(select(func.count())).where(*conditions)) or 0
    rows = read_frame(
        session,
        _rows()
        .where(*conditions)
        .order_by(Suppression.at.desc(), Suppression.id.desc())
        .offset(max(offset, 0))
        .limit(min(max(limit, 1), MOST)),
        SCHEMA,
    )
    return Listing(_worded(rows), total)


def export(session: Session, by: Viewer, *, form: str = "xlsx") -> bytes:
    """All that stands and `by` may see; `form` is 'xlsx' or 'csv'."""
    query = _rows().where(_visible(by), _state(lifted=False))
    newest = query.order_by(Suppression.at.desc(), Suppression.id.desc()).limit(MOST_EXPORTED)
    rows = _worded(read_frame(session, newest, SCHEMA)).select(*_HEADS)
    if form == "csv":
        return to_csv(rows, _HEADS)
    return to_xlsx(rows, _HEADS, title="Do not contact")


def note_export(session: Session, by: Viewer, now: datetime) -> None:
    """That somebody takes it with them."""
    audit(session, by, "suppression.exported", "suppression", None, "", now)


def marked_in_customer_data(session: Session, by: Viewer) -> int:
    """Stakeholders whom a customer file says not to write to; they are blocked without being listed."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Stakeholder)
            .join(Customer, Customer.id == Stakeholder.customer_id)
            .where(Stakeholder.unsubscribed.is_(True), visible(by))
        )
        or 0
    )


def _rows() -> Select[*tuple[Any, ...]]:
    author, lifter = aliased(Person), aliased(Person)
    s = Suppression
    name = func.trim(Stakeholder.first_name + " " + Stakeholder.last_name)
    query = select(
        s.id, s.email, s.topic, s.reason, s.note, s.at, author.name,
        Customer.id, Customer.name, name, s.lifted_at, lifter.name,
    )  # fmt: skip
    return (
        _from(query)
        .outerjoin(author, author.id == s.by_id)
        .outerjoin(lifter, lifter.id == s.lifted_by)
    )


def _from(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """By the address and not by the stakeholder noted then: people are merged and move."""
    return (
        query.select_from(Suppression)
        .outerjoin(StakeholderEmail, StakeholderEmail.email == Suppression.email)
        .outerjoin(Stakeholder, Stakeholder.id == StakeholderEmail.stakeholder_id)
        .outerjoin(Customer, Customer.id == Stakeholder.customer_id)
    )


def _visible(by: Viewer) -> ColumnElement[bool]:
    if by.sees_all:
        return true()
    return or_(Customer.id.is_not(None) & visible(by), Suppression.by_id == by.person_id)


def _state(*, lifted: bool) -> ColumnElement[bool]:
    return Suppression.lifted_at.is_not(None) if lifted else Suppression.lifted_at.is_(None)


def _matches(words: str) -> ColumnElement[bool]:
    return or_(
        Suppression.email.icontains(words, autoescape=True),
        Customer.name.icontains(words, autoescape=True),
        Stakeholder.last_name.icontains(words, autoescape=True),
    )


def _worded(rows: pl.DataFrame) -> pl.DataFrame:
    topics = {topic: topic_words(topic) for topic in rows["topic"].unique().to_list()}
    return rows.with_columns(pl.col("topic").replace(topics), pl.col("reason").replace(WORDS))
