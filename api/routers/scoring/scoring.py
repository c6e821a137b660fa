"""The engagement of one customer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.auth import By
from data.db import transaction
from data.errors import BadInput
from services import customers
from services.clock import utc_now
from services.ids import public_id, read_id
from services.scoring import board

router = APIRouter(prefix="/events", tags=["scoring"])

FACTS = {
    "frequency": ("attended", "eligible"),
    "recency": ("last_attended", "half_life_days", "recency_as_of"),
    "diversity": ("types_attended", "types_offered", "types_seen", "types_missing"),
    "depth": ("depth_top", "depth_reported", "questions_asked", "feedback_given", "times_spoken"),
    "consistency": ("periods_attended", "periods_offered", "period_kind"),
}
"""Which columns of a score stand behind each component."""


class Component(BaseModel):
    points: float = Field(description="Points given")
    of: int = Field(description="Points possible: the weight")
    share: float | None = Field(description="0 to 1; null without data")
    fact: str = Field(description="What it comes from, in words")
    facts: dict[str, Any] = Field(description="What it comes from, as figures")


class Trend(BaseModel):
    label: str = Field(description="rising, stable, declining or new")
    sentence: str
    expected_seats: float | None
    actual_seats: float | None
    missed_in_row: int


class NextStep(BaseModel):
    sentence: str
    events: int = Field(description="How many more events it takes")
    score_after: int
    band_after: str


class Engagement(BaseModel):
    customer_id: str
    name: str
    score: int | None = Field(description="0 to 100; null when no event was open to the customer")
    band: str | None = Field(description="high, good, medium or low")
    state: str = Field(description="scored, no_attendance or no_data")
    summary: str
    components: dict[str, Component] = Field(description="Empty without data")
    people: int = Field(description="Distinct people of the customer who attended")
    months: list[int] = Field(description="Events attended per calendar month, the last one last")
    trend: Trend
    next_step: NextStep | None
    rank: int | None = Field(description="Among the customers you may see; 1 is best")
    of: int = Field(description="How many those are")
    percentile: float | None = Field(description="Share of those with a lower score, 0 to 100")
    notes: list[str]
    as_of: date
    weight_version: int


@router.get(
    "/{customer_id}/engagement", summary="A customer's engagement score and what it is made of"
)
def engagement(
    customer_id: str,
    by: By,
    as_of: Annotated[
        date | None, Query(description="The day to score for; without it the board's own day")
    ] = None,
) -> Engagement:
    number = read_id("customer", customer_id)
    now = utc_now()
    with transaction(read_only=True) as session:
        day = _day(as_of, now) or board.default_as_of(session, now.date())
        number = customers.present(session, by, number)
        return _engagement(board.why(session, by, number, as_of=day))


def _day(as_of: date | None, now: datetime) -> date | None:
    if as_of is not None and not now.date() - board.LOOKBACK <= as_of <= now.date():
        raise BadInput("as_of must be a day of the last ten years, today at the latest.")
    return as_of


def _engagement(why: board.Why) -> Engagement:
    row, said = why.row, why.explanation
    return Engagement(
        customer_id=public_id("customer", why.customer_id),
        name=why.customer,
        score=said.score,
        band=said.band,
        state=row["state"],
        summary=said.summary,
        components={
            line.name: Component(
                points=round(line.points, 2),
                of=line.out_of,
                share=round(line.value, 4),
                fact=line.fact,
                facts={name: row[name] for name in FACTS[line.name]},
            )
            for line in said.lines
        },
        people=row["people"],
        months=row["months"] or [],
        trend=Trend(
            label=row["trend"],
            sentence=said.trend,
            expected_seats=row["expected_seats"],
            actual_seats=row["actual_seats"],
            missed_in_row=row["missed_in_row"],
        ),
        next_step=_step(why),
        rank=row["rank"],
        of=why.of,
        percentile=row["percentile"],
        notes=list(said.notes),
        as_of=why.as_of,
        weight_version=why.weight_version,
    )


def _step(why: board.Why) -> NextStep | None:
    if why.step is None:
        return None
    return NextStep(
        sentence=why.step.sentence,
        events=why.step.count,
        score_after=why.step.score_after,
        band_after=why.step.band_after,
    )
