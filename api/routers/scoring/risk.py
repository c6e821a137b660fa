"""Risk signals: customers who fade from our events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.auth import By
from data.db import transaction
from services.clock import utc_now
from services.ids import public_id, read_id
from services.scoring import risk

router = APIRouter(tags=["scoring"])
STATES = {"open": ("open", "acknowledged"), "closed": ("closed",), "all": ()}


class Signal(BaseModel):
    id: str
    customer_id: str
    customer: str
    level: str = Field(description="alert or watch")
    state: str = Field(description="open, acknowledged or closed")
    sentence: str = Field(description="The evidence, in words")
    current_visits: int | None = Field(
        description="Seats taken in the last 182 days; null where mail gave the reason"
    )
    previous_visits: int | None = Field(description="Seats taken in the 182 days before")
    missed_in_row: int | None
    expected: float | None = Field(description="Seats to be expected, recent events counting most")
    actual: float | None
    z: float | None = Field(description="The shortfall in standard deviations")
    advice: str
    opened_at: datetime
    seen_at: datetime = Field(description="When it last held")
    as_of: date


class Signals(BaseModel):
    total: int = Field(description="How many fit; `signals` holds at most 200 of them")
    offset: int
    signals: list[Signal]


@router.get("/risk-signals", summary="Customers who come less than their own past lets one expect")
def risk_signals(
    by: By,
    state: Annotated[Literal["open", "closed", "all"], Query()] = "open",
    level: Annotated[Literal["alert", "watch"] | None, Query()] = None,
    customer: Annotated[str | None, Query(description="A customer's id, such as cus_42")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Signals:
    filters = risk.Filters(
        states=STATES[state],
        level=level,
        customer_id=read_id("customer", customer) if customer else None,
    )
    with transaction(read_only=True) as session:
        found = risk.listing(session, by, utc_now(), filters=filters, offset=offset)
    return Signals(total=found.total, offset=offset, signals=[_signal(row) for row in found.rows])


def _signal(row: risk.SignalRow) -> Signal:
    facts = row.facts
    return Signal(
        id=public_id("signal", row.id),
        customer_id=public_id("customer", row.customer_id),
        customer=row.customer,
        level=row.level,
        state=row.state,
        sentence=row.sentence,
        current_visits=facts.get("current"),
        previous_visits=facts.get("previous"),
        missed_in_row=facts.get("missed"),
        expected=facts.get("expected"),
        actual=facts.get("actual"),
        z=facts.get("z"),
        advice=row.advice,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        as_of=row.as_of,
    )
