"""Figures of the event analysis as the API gives them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.attendance import analysis as analyses
from services.attendance.analysis.ticket_change import TicketChange
from services.attendance.analysis.training import Training
from services.figures import Lift, Share

_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True)
WHY_NULL = "null: not enough data, or nobody to compare with"


class Rate(BaseModel):
    hits: int
    of: int
    share: float | None = Field(description="null when there is nothing to divide by")
    low: float | None = Field(description="Lower end of Wilson's 95 % interval")
    high: float | None


class LiftFigure(BaseModel):
    model_config = _SHAPE

    came: int = Field(description="Customers who came")
    others: int = Field(description="Customers they are compared with")
    points: float | None = Field(
        description=f"Difference in differences of the share of other events attended; {WHY_NULL}"
    )
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None


class TicketFigure(BaseModel):
    model_config = _SHAPE

    topic: str = Field(description="Empty: all topics together")
    trainings: int = Field(description="Those that could be measured")
    tickets: int = Field(description="On the topic, of both sides, before and after")
    came: int = Field(description="Customers who came")
    others: int = Field(description="Customers they are compared with")
    came_before: float | None = Field(description="Tickets per customer in the 90 days before")
    came_after: float | None
    others_before: float | None = Field(description="Weighed to be like those who came")
    others_after: float | None
    points: float | None = Field(
        description="Tickets in the 90 days after, per customer who came, more than if theirs had changed by "
        f"the same factor as the others'; below 0: fewer; {WHY_NULL}"
    )
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None


class TrainingFigures(BaseModel):
    model_config = _SHAPE

    events: int
    customers: int
    completed: Rate = Field(description="People who completed, of whom a platform told")
    passed: Rate
    again: Rate = Field(description="Customers who came to another training within 180 days")
    days_between: float | None = Field(description="The median to the next training")
    lift: LiftFigure
    tickets: TicketFigure = Field(description="Support tickets on the trained topic")
    tickets_by_topic: list[TicketFigure]
    tickets_since: date | None = Field(description="Tickets are on record from then")
    tickets_until: date | None


def rate_figure(share: Share) -> Rate:
    return Rate(**asdict(share))


def lift_figure(lift: Lift) -> LiftFigure:
    return LiftFigure(
        came=lift.treated, others=lift.others, points=lift.points, low=lift.low, high=lift.high,
        relative=lift.relative, relative_low=lift.relative_low, relative_high=lift.relative_high,
    )  # fmt: skip


def training_figure(found: Training, effect: analyses.TicketEffect) -> TrainingFigures:
    return TrainingFigures(
        events=found.events, customers=found.customers, completed=rate_figure(found.completed),
        passed=rate_figure(found.passed), again=rate_figure(found.again), days_between=found.days_between,
        lift=lift_figure(found.lift), tickets=tickets_figure(effect.whole),
        tickets_by_topic=[tickets_figure(one) for one in effect.topics],
        tickets_since=effect.first, tickets_until=effect.last,
    )  # fmt: skip


def tickets_figure(one: TicketChange) -> TicketFigure:
    return TicketFigure(**asdict(one))
