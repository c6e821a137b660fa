"""What follow-ups came to, as the API tells it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pydantic import Field

from api.routers.tickets.shapes import Shaped
from services.tickets.afterwards import AfterwardsReport


class Rate(Shaped):
    """A share with its counts and 95 % interval; null where there is nothing to divide by."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class LevelFigure(Shaped):
    level: str
    sent: int
    replied: Rate
    rated: Rate
    good: Rate
    poor: int
    back: Rate
    """Of those looked at two weeks after the mail: whose confidence is back."""


class HealthFigure(Shaped):
    days: int
    customers_with: int
    customers_without: int
    points: float | None = Field(
        description="Rise of health since the mail with a follow-up less that without; on day 0 the level itself; null: not enough data"
    )
    low: float | None
    high: float | None


class SpanFigure(Shaped):
    words: str
    hours_from: int
    hours_to: int
    answered: Rate
    good: Rate


class AnalysisAnswer(Shaped):
    as_of: datetime
    followed: int = Field(description="Solved tickets of the last year with a follow-up")
    others: int = Field(description="Solved tickets without one")
    levels: list[LevelFigure]
    health: list[HealthFigure]
    timing: list[SpanFigure]
    best_time: str | None = Field(description="null: not enough data to say")


def analysis_of(found: AfterwardsReport) -> AnalysisAnswer:
    best = found.timing.best
    return AnalysisAnswer(
        as_of=found.as_of,
        followed=found.followed,
        others=found.others,
        levels=[LevelFigure.model_validate(asdict(one)) for one in found.levels],
        health=[
            HealthFigure(
                days=days, customers_with=lift.treated, customers_without=lift.others,
                points=lift.points, low=lift.low, high=lift.high,
            )
            for days, lift in found.health
        ],
        timing=[SpanFigure.model_validate(asdict(one)) for one in found.timing.spans],
        best_time=best.words if best else None,
    )  # fmt: skip
