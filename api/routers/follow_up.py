"""Follow-up of an event by program, and what events change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.auth import By
from api.event_figures import (
    WHY_NULL,
    LiftFigure,
    Rate,
    TrainingFigures,
    lift_figure,
    rate_figure,
    training_figure,
)
from api.remembered import remembered
from data.db import transaction
from services.attendance import analysis as analyses
from services.attendance import events, follow_up
from services.attendance.analysis import AnalysisFilters
from services.attendance.analysis.rates import since
from services.attendance.follow_up.breaches import of_event
from services.clock import utc_now
from services.ids import public_id, read_id

router = APIRouter(prefix="/events", tags=["attendance"])
_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class CustomerFollowUp(BaseModel):
    model_config = _SHAPE

    customer_id: str
    customer: str
    no_show: bool = Field(description="They had registered, and nobody came")
    people: int
    detected_at: datetime
    notified_at: datetime | None
    drafted_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    replied_at: datetime | None


class FollowUpAnswer(BaseModel):
    model_config = _SHAPE

    event_id: str
    drafts: int = Field(description="New ones; they wait for a person's approval")
    customers: list[CustomerFollowUp] = Field(description="Of the customers you may see")


class TypeFigure(BaseModel):
    type: str
    events: int
    lift: LiftFigure


class SegmentWorth(BaseModel):
    model_config = _SHAPE

    segment: str
    currency: str = Field(
        description="Of `arr` and of what is influenced: amounts in several are never added"
    )
    customers: int
    arr: float
    cost: float | None
    cost_currency: str
    lift: LiftFigure
    influenced_low: float | None = Field(description=f"Influenced, not caused; {WHY_NULL}")
    influenced_middle: float | None
    influenced_high: float | None
    return_low: float | None = Field(
        description=f"Influenced over the cost; {WHY_NULL}, or no cost is known in this currency"
    )
    return_middle: float | None
    return_high: float | None


class EventAnalysis(BaseModel):
    model_config = _SHAPE

    as_of: date
    since: date
    events: int
    seats: int
    reach: Rate = Field(description="Customers of whom anybody came")
    follow_up: Rate = Field(description="Events with a follow-up sent; target 80 %")
    replies: Rate = Field(description="Follow-ups answered; target 30 %")
    lift: LiftFigure = Field(description="Target +15 %")
    lifts: list[TypeFigure]
    months: list[dict[str, Any]]
    topics: list[dict[str, Any]]
    worth: list[SegmentWorth]
    training: TrainingFigures


@router.get("/analysis", summary="What events change: trends, topics, lift, value, rates")
def analysis(
    by: By,
    days: Annotated[int, Query(ge=1, le=1095, description="Events of the last so many days")] = 365,
    segment: str | None = None,
    event_type: Annotated[str | None, Query(alias="type")] = None,
) -> EventAnalysis:
    now = utc_now()
    wanted = AnalysisFilters(days, segment, event_type)
    with transaction(read_only=True) as session:
        found, tickets = remembered(session, analyses.with_tickets, by, now.date(), wanted)
        rates = analyses.rates(
            session, by, now, since=since(now, days), segment=segment, event_type=event_type
        )
    return EventAnalysis(
        as_of=found.as_of,
        since=found.since,
        events=found.events,
        seats=found.seats,
        reach=rate_figure(found.reach),
        follow_up=rate_figure(rates.events),
        replies=rate_figure(rates.replies),
        lift=lift_figure(found.lift),
        lifts=[TypeFigure(type=o.type, events=o.events, lift=lift_figure(o.lift)) for o in found.lifts],
        months=found.months.to_dicts(),
        topics=found.topics.to_dicts(),
        worth=[
            SegmentWorth(
                segment=one.segment, currency=one.currency, customers=one.customers, arr=one.arr,
                cost=one.cost, cost_currency=one.cost_currency, lift=lift_figure(one.lift),
                influenced_low=one.low, influenced_middle=one.middle, influenced_high=one.high,
                return_low=one.return_low, return_middle=one.return_middle, return_high=one.return_high,
            )
            for one in found.worth
        ],
        training=training_figure(found.training, tickets),
    )  # fmt: skip


@router.post("/{event_id}/follow-up", summary="Draft the follow-up of an event")
def draft_follow_up(event_id: str, by: By) -> FollowUpAnswer:
    """For all your customers who were registered, whatever the age of the event. Doing it again makes
    nothing twice; nothing is sent before a person has approved it."""
    number, now = read_id("event", event_id), utc_now()
    with transaction(read_only=True) as session:
        events.view(session, by, number, now)
    made = follow_up.create_now(number, by=by, now=now)
    with transaction(read_only=True) as session:
        rows = of_event(session, by, now, number)
    wanted = set(CustomerFollowUp.model_fields) - {"customer_id"}
    return FollowUpAnswer(
        event_id=event_id,
        drafts=made,
        customers=[
            CustomerFollowUp(
                customer_id=public_id("customer", row["customer_id"]),
                **{name: value for name, value in row.items() if name in wanted},
            )
            for row in rows.iter_rows(named=True)
        ],
    )
