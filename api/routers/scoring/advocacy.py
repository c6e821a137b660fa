"""Advocacy: candidates, and opportunities made of them."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.auth import By
from data.db import transaction
from data.errors import BadInput
from services.clock import utc_now
from services.ids import public_id, read_id
from services.scoring import advocacy

router = APIRouter(prefix="/advocacy", tags=["scoring"])


class Candidate(BaseModel):
    customer_id: str
    customer: str
    score: int
    attended: int
    eligible: int
    notable: list[str]
    types: list[str] = Field(description="case_study, speaking, advisory_board, reference")
    champion_id: str | None
    champion: str | None


class Opportunity(BaseModel):
    id: str
    customer_id: str
    customer: str
    types: list[str]
    stage: str = Field(description="identified, asked, agreed, delivered or declined")
    champion_id: str | None
    notes: str
    score: int | None
    created_at: datetime


class Conversion(BaseModel):
    agreed: int
    asked: int
    share: float | None
    low: float | None = Field(description="Lower end of Wilson's 95 % interval")
    high: float | None


class Overview(BaseModel):
    as_of: date
    candidates: list[Candidate]
    opportunities: list[Opportunity]
    conversion: Conversion


class Wanted(BaseModel):
    """Either `customers` or `top`."""

    customers: list[str] = Field(default=[], max_length=50, description="Ids, such as cus_42")
    top: int | None = Field(default=None, ge=1, le=50, description="The best so many candidates")
    override: bool = Field(default=False, description="Ask although the renewal is near")


@router.get("", summary="Customers who could speak for us, and what came of asking them")
def overview(by: By) -> Overview:
    with transaction(read_only=True) as session:
        found = advocacy.candidates(session, by, utc_now())
        board = advocacy.listing(session, by)
    share = board.conversion
    return Overview(
        as_of=found.as_of,
        candidates=[_candidate(row) for row in found.rows],
        opportunities=[_opportunity(row) for row in board.rows],
        conversion=Conversion(
            agreed=share.hits, asked=share.of, share=share.share, low=share.low, high=share.high
        ),
    )


@router.post("", status_code=201, summary="Create opportunities, each with its first task")
def create(by: By, wanted: Wanted) -> list[Opportunity]:
    if bool(wanted.customers) == (wanted.top is not None):
        raise BadInput("Name customers, or how many of the top; one of the two.")
    chosen = tuple(read_id("customer", one) for one in wanted.customers)
    now = utc_now()
    with transaction() as session:
        if wanted.top is not None:
            made = advocacy.create_top(session, wanted.top, by=by, now=now)
        else:
            made = advocacy.create(session, chosen, by=by, now=now, override=wanted.override)
        rows = [advocacy.get_opportunity(session, by, number) for number in made]
    return [_opportunity(row) for row in rows]


def _candidate(row: advocacy.Candidate) -> Candidate:
    champion = row.champion
    return Candidate(
        customer_id=public_id("customer", row.customer_id),
        customer=row.customer,
        score=row.score,
        attended=row.attended,
        eligible=row.eligible,
        notable=list(row.remarks),
        types=list(row.types),
        champion_id=public_id("stakeholder", champion.stakeholder_id) if champion else None,
        champion=champion.name if champion else None,
    )


def _opportunity(row: advocacy.OpportunityRow) -> Opportunity:
    return Opportunity(
        id=public_id("opportunity", row.id),
        customer_id=public_id("customer", row.customer_id),
        customer=row.customer,
        types=list(row.types),
        stage=row.stage,
        champion_id=public_id("stakeholder", row.champion_id) if row.champion_id else None,
        notes=row.notes,
        score=row.score,
        created_at=row.created_at,
    )
