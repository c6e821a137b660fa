"""The list of customers, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Select, exists, func, nulls_last, or_, select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import (
    Customer,
    CustomerDomain,
    CustomerIdentifier,
    CustomerName,
    CustomerScore,
    Person,
    Stakeholder,
)
from services.access import Viewer, visible
from services.export import to_csv, to_xlsx
from services.ids import public_id

PAGE = 50
MOST = 100_000
SORTS = {
    "name": func.lower(Customer.name),
    "arr": Customer.arr,
    "renewal": Customer.renews_on,
    "health": Customer.health_score,
    "score": CustomerScore.score,
}
"""Columns a list can be sorted by; a leading minus turns the order round."""
LISTED = {
    "id": pl.Utf8,
    "name": pl.Utf8,
    "segment": pl.Utf8,
    "industry": pl.Utf8,
    "region": pl.Utf8,
    "csm": pl.Utf8,
    "arr": pl.Float64,
    "currency": pl.Utf8,
    "renews_on": pl.Date,
    "health": pl.Int64,
    "score": pl.Int64,
    "band": pl.Utf8,
    "trend": pl.Utf8,
    "attended": pl.Int64,
    "people": pl.Int64,
    "stakeholders": pl.Int64,
}


@dataclass(frozen=True)
class CustomerPage:
    """`rows` (LISTED, `id` public) of `total` that fit the filters; `everything` counts the portfolio."""

    rows: pl.DataFrame
    total: int
    everything: int
    as_of: date | None
    """The day the scores are of; null before the first."""


@dataclass(frozen=True)
class Choices:
    """What the list can be narrowed to: segments in use, and people with customers as (id, name)."""

    segments: tuple[str, ...]
    csms: tuple[tuple[int, str], ...]


def list_customers(  # noqa: PLR0913 - a page of a list is chosen in this many ways
    session: Session,
    by: Viewer,
    *,
    search: str = "",
    segment: str | None = None,
    csm_id: int | None = None,
    sort: str = "name",
    offset: int = 0,
    limit: int = PAGE,
) -> CustomerPage:
    """Customers that `by` may see. `search` looks into names, other names, domains and identifiers."""
    mine = visible(by)
    wanted = [mine, *_conditions(search, segment, csm_id)]
    listed = _columns().where(*wanted).order_by(*_order(sort)).offset(max(offset, 0))
    found = session.execute(listed.limit(min(max(limit, 0), MOST))).all()
    return CustomerPage(
        rows=pl.DataFrame([_row(row) for row in found], schema=LISTED, orient="row"),
        total=_count(session, *wanted),
        everything=_count(session, mine),
        as_of=session.scalar(select(func.max(CustomerScore.as_of))),
    )


def choices(session: Session, by: Viewer) -> Choices:
    segments = select(Customer.segment).where(visible(by), Customer.segment.is_not(None)).distinct()
    people = (
        select(Person.id, Person.name)
        .where(Person.id.in_(select(Customer.csm_id).where(visible(by))))
        .order_by(func.lower(Person.name), Person.id)
        .limit(2_000)
    )
    return Choices(
        segments=tuple(sorted(s for s in session.scalars(segments.limit(500)) if s)),
        csms=tuple((row.id, row.name) for row in session.execute(people)),
    )


def _columns() -> Select[*tuple[Any, ...]]:
    stakeholders = (
        select(func.count())
        .select_from(Stakeholder)
        .where(Stakeholder.customer_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )
    return (
        select(
            Customer.id,
            Customer.name,
            Customer.segment,
            Customer.industry,
            Customer.region,
            Person.name.label("csm"),
            Customer.arr,
            Customer.currency,
            Customer.renews_on,
            Customer.health_score,
            CustomerScore.score,
            CustomerScore.band,
            CustomerScore.trend,
            CustomerScore.attended,
            CustomerScore.people,
            stakeholders.label("stakeholders"),
        )
        .outerjoin(Person, Person.id == Customer.csm_id)
        .outerjoin(CustomerScore, CustomerScore.customer_id == Customer.id)
    )


def _row(row: Any) -> tuple[Any, ...]:
    return tuple(
        public_id("customer", value)
        if place == 0
        else float(value)
        if isinstance(value, Decimal)
        else value
        for place, value in enumerate(row)
    )


def _order(sort: str) -> list[Any]:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadInput(f"The list can be sorted by {', '.join(SORTS)}.")
    column = SORTS[name]
    return [nulls_last(column.desc() if sort.startswith("-") else column.asc()), Customer.id.asc()]


def _conditions(search: str, segment: str | None, csm_id: int | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    text = " ".join(search.replace("\x00", " ").split())[:200]
    if text:
        found.append(_matches(text))
    if segment:
        found.append(Customer.segment == segment)
    if csm_id is not None:
        found.append(Customer.csm_id == csm_id)
    return found


def _matches(text: str) -> ColumnElement[bool]:
    names = [Customer.name, Customer.external_id]
    others = (CustomerDomain.domain, CustomerName.name, CustomerIdentifier.identifier)
    return or_(
        *(_contains(column, text) for column in names),
        *(
            exists().where(column.class_.customer_id == Customer.id, _contains(column, text))
            for column in others
        ),
    )


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    # SQLite folds the case of English letters only, so other scripts are tried in their usual spellings.
    spellings = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    return or_(*(column.icontains(one, autoescape=True) for one in sorted(spellings)))


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Customer).where(*conditions)) or 0


EXPORT_LABELS = {
    "id": "ID",
    "name": "Name",
    "segment": "Segment",
    "industry": "Industry",
    "region": "Region",
    "csm": "CSM",
    "arr": "ARR",
    "currency": "Currency",
    "renews_on": "Renewal date",
    "health": "Health score",
    "score": "Engagement score",
    "band": "Band",
    "trend": "Trend",
    "attended": "Events attended",
    "people": "People",
    "stakeholders": "Stakeholders",
}


def export_customers(  # noqa: PLR0913 - the filters of the list, and the form
    session: Session,
    by: Viewer,
    *,
    form: str,
    search: str = "",
    segment: str | None = None,
    csm_id: int | None = None,
    sort: str = "name",
) -> bytes:
    """The whole filtered list as `csv` or `xlsx`."""
    found = list_customers(
        session, by, search=search, segment=segment, csm_id=csm_id, sort=sort, limit=MOST
    )
    if form == "csv":
        return to_csv(found.rows, EXPORT_LABELS)
    return to_xlsx(found.rows, EXPORT_LABELS, title="Customers", formats={"arr": "#,##0.00"})
