"""Opportunities as people read them, and how many of those asked agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from data.bulk import read_frame
from data.tables import Customer, Opportunity, OpportunityEvent, Person, Stakeholder, Task
from data.tables.signals import OPPORTUNITY_STAGES
from services.access import Viewer, require_customer, visible
from services.export import to_csv, to_xlsx
from services.figures import Share, share_of
from services.scoring.advocacy.book import find_opportunity, titles

MOST_SHOWN = 500
TARGET = 0.25
STAGES = {
    "identified": "Identified",
    "asked": "Asked",
    "agreed": "Agreed",
    "delivered": "Delivered",
    "declined": "Declined",
}
assert tuple(STAGES) == OPPORTUNITY_STAGES
AGREED = ("agreed", "delivered")
ASKED: dict[str, Any] = {
    "asked_at": pl.Datetime("us", "UTC"),
    "customer": pl.String,
    "segment": pl.String,
    "stage": pl.String,
    "score": pl.Int64,
    "agreed": pl.Boolean,
}
"""`score`: the engagement score when the opportunity was made."""


@dataclass(frozen=True)
class OpportunityRow:
    id: int
    customer_id: int
    customer: str
    arr: float | None
    currency: str
    types: tuple[str, ...]
    stage: str
    champion_id: int | None
    champion: str | None
    owner: str | None
    notes: str
    score: int | None
    task_id: int | None
    created_at: datetime
    updated_at: datetime
    asked_at: datetime | None
    evidence: tuple[tuple[str, str], ...] = ()
    """What it was made for when it was made: claims, each with its fact."""
    task: str | None = None
    """The first step, where it is still to be done."""
    due_at: datetime | None = None

    @property
    def type_words(self) -> str:
        return titles(self.types)


@dataclass(frozen=True)
class Step:
    """A line of an opportunity's history."""

    at: datetime
    from_stage: str | None
    to_stage: str
    note: str
    who: str | None


@dataclass(frozen=True)
class Board:
    """`rows`, the newest change first, at most MOST_SHOWN; `counts` by stage, of all. `conversion`: of
    those that were asked, how many agreed (delivered included)."""

    rows: tuple[OpportunityRow, ...]
    counts: Mapping[str, int]
    conversion: Share


def listing(
    session: Session, by: Viewer, *, customer_id: int | None = None, stage: str | None = None
) -> Board:
    """Those of the customers that `by` sees; NotFound for a foreign customer."""
    if customer_id is not None:
        require_customer(session, by, customer_id)
    where = [visible(by)]
    if customer_id is not None:
        where.append(Opportunity.customer_id == customer_id)
    counted = session.execute(
        select(Opportunity.stage, func.count())
        .join(Customer, Customer.id == Opportunity.customer_id)
        .where(*where)
        .group_by(Opportunity.stage)
    )
    counts = dict.fromkeys(STAGES, 0) | {row[0]: int(row[1]) for row in counted}
    conversion = converted(asked(session, by, customer_id=customer_id))
    if stage is not None:
        where.append(Opportunity.stage == stage)
    return Board(_read(session, where), counts, conversion)


def asked(
    session: Session, by: Viewer, *, since: datetime | None = None, customer_id: int | None = None
) -> pl.DataFrame:
    """The opportunities somebody was asked about, since then, as ASKED, the last asked first."""
    o = Opportunity
    query = (
        select(o.asked_at, Customer.name, Customer.segment, o.stage, o.score, o.stage.in_(AGREED))
        .join(Customer, Customer.id == o.customer_id)
        .where(visible(by), o.asked_at.is_not(None))
        .order_by(o.asked_at.desc(), o.id.desc())
    )
    if since is not None:
        query = query.where(o.asked_at >= since)
    if customer_id is not None:
        query = query.where(o.customer_id == customer_id)
    return read_frame(session, query, ASKED)


def converted(rows: pl.DataFrame) -> Share:
    """Of those asked (ASKED), how many agreed."""
    return share_of(int(rows["agreed"].sum()), rows.height)


def get_opportunity(session: Session, by: Viewer, opportunity_id: int) -> OpportunityRow:
    """NotFound when it is not of a customer that `by` sees."""
    find_opportunity(session, by, opportunity_id)
    return _read(session, [Opportunity.id == opportunity_id])[0]


def _read(session: Session, where: list[ColumnElement[bool]]) -> tuple[OpportunityRow, ...]:
    owner = aliased(Person)
    found = session.execute(
        select(Opportunity, Customer, Stakeholder, owner.name, Task)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == Opportunity.champion_id)
        .outerjoin(owner, owner.id == Opportunity.owner_id)
        .outerjoin(Task, and_(Task.id == Opportunity.task_id, Task.state == "open"))
        .where(*where)
        .order_by(Opportunity.updated_at.desc(), Opportunity.id.desc())
        .limit(MOST_SHOWN)
    )
    return tuple(_row(*row) for row in found)


def history(session: Session, by: Viewer, opportunity_id: int) -> list[Step]:
    """What became of it, the newest first."""
    find_opportunity(session, by, opportunity_id)
    rows = session.execute(
        select(OpportunityEvent, Person.name)
        .outerjoin(Person, Person.id == OpportunityEvent.person_id)
        .where(OpportunityEvent.opportunity_id == opportunity_id)
        .order_by(OpportunityEvent.id.desc())
        .limit(100)
    )
    return [Step(e.at, e.from_stage, e.to_stage, e.note, who) for e, who in rows]


def download_opportunities(session: Session, by: Viewer, *, form: str = "xlsx") -> bytes:
    """Every opportunity one sees, at most MOST_SHOWN; `form` is 'xlsx' or 'csv'."""
    rows = pl.DataFrame(
        [
            {
                "Customer": row.customer,
                "Ask for": row.type_words,
                "Stage": STAGES[row.stage],
                "Champion": row.champion,
                "Owner": row.owner,
                "Score": row.score,
                "ARR": row.arr,
                "Currency": row.currency,
                "Notes": row.notes,
                "Created": row.created_at.date(),
                "Asked": row.asked_at.date() if row.asked_at else None,
            }
            for row in listing(session, by).rows
        ],
        schema_overrides={"ARR": pl.Float64, "Asked": pl.Date, "Score": pl.Int64},
        infer_schema_length=None,
    )
    if form == "csv":
        return to_csv(rows)
    return to_xlsx(rows, title="Advocacy", formats={"ARR": "#,##0"})


def _row(
    found: Opportunity,
    customer: Customer,
    champion: Stakeholder | None,
    owner: str | None,
    task: Task | None,
) -> OpportunityRow:
    names = (champion.first_name, champion.last_name) if champion else ()
    return OpportunityRow(
        id=found.id,
        customer_id=customer.id,
        customer=customer.name,
        arr=None if customer.arr is None else float(customer.arr),
        currency=customer.currency,
        types=tuple(found.types),
        stage=found.stage,
        champion_id=found.champion_id,
        champion=" ".join(filter(None, names)) or None,
        owner=owner,
        notes=found.notes,
        score=found.score,
        task_id=found.task_id,
        created_at=found.created_at,
        updated_at=found.updated_at,
        asked_at=found.asked_at,
        evidence=tuple((one["claim"], one["fact"]) for one in found.evidence),
        task=task.title if task else None,
        due_at=task.due_at if task else None,
    )
