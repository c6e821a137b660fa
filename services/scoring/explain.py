"""Why a customer has its score: every component with the raw fact behind it, in words.

`next_step`, `history` and `what_if` answer the questions that follow; they live beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.plurals import plural
from services.scoring.components import GRACE_DAYS, LEAST_EVENTS, LEAST_PERIODS, LEAST_TYPES
from services.scoring.score import NO_ATTENDANCE, NO_DATA
from services.scoring.steps import Step, UpcomingEvent, next_step, year_of
from services.scoring.supply import WINDOW_DAYS
from services.scoring.trend import NEW_BELOW
from services.scoring.variants import history, what_if
from services.scoring.weights import Weights

__all__ = [
    "ComponentLine",
    "Explanation",
    "Step",
    "UpcomingEvent",
    "explain",
    "history",
    "next_step",
    "what_if",
    "year_of",
]

Row = Mapping[str, Any]

TITLES = {
    "frequency": "Frequency",
    "recency": "Recency",
    "diversity": "Diversity",
    "depth": "Depth",
    "consistency": "Consistency",
}


@dataclass(frozen=True)
class ComponentLine:
    """One component: `points` of `out_of`, and the fact they come from."""

    name: str
    title: str
    value: float
    """0..1."""
    points: float
    out_of: int
    fact: str

    @property
    def sentence(self) -> str:
        return f"{self.fact} → {self.points:.1f} of {self.out_of}"


@dataclass(frozen=True)
class Explanation:
    score: int | None
    band: str | None
    summary: str
    lines: tuple[ComponentLine, ...]
    """Empty when there is nothing to score."""
    trend: str
    """The sentence of evidence for the trend."""
    notes: tuple[str, ...]
    """What a reader should know about the data behind the figures."""


def explain(row: Row, weights: Weights) -> Explanation:
    """`row` is a row of `score_customers` as a dict, `weights` those of its segment."""
    if row["state"] == NO_DATA:
        summary = (
            f"No data: no event was open to this customer in the {WINDOW_DAYS} days up to "
            "the day of the score."
        )
        return Explanation(None, None, summary, (), trend_sentence(row), _notes(row))
    return Explanation(
        score=row["score"],
        band=row["band"],
        summary=_summary(row),
        lines=tuple(_line(row, name, out_of) for name, out_of in weights.as_dict().items()),
        trend=trend_sentence(row),
        notes=_notes(row),
    )


def trend_sentence(row: Row) -> str:
    """What was expected and what was seen lately, and how many events in a row were missed."""
    if row["eligible"] < NEW_BELOW:
        return (
            f"Too early for a trend: {plural(row['eligible'], 'event')} so far, "
            f"{NEW_BELOW} are needed."
        )
    if row["shortfall_z"] is None:
        return "No trend: nobody has attended in the last year."
    expected, actual = row["expected_seats"], row["actual_seats"]
    sentence = (
        f"Expected about {expected:.1f} seats at recent events, judging by their own past and by "
        f"how full these events were; saw {actual:.1f}."
    )
    missed = row["missed_in_row"]
    if missed == 1:
        return f"{sentence} Missed the last event."
    return f"{sentence} Missed the last {missed} events." if missed else sentence


def _summary(row: Row) -> str:
    if row["state"] == NO_ATTENDANCE:
        return f"No attendance yet: {plural(row['eligible'], 'event')} open to them, none attended."
    return (
        f"{row['score']} of 100: {row['attended']} of {plural(row['eligible'], 'event')} attended "
        f"by {plural(row['people'], 'person', 'people')}."
    )


def _line(row: Row, name: str, out_of: int) -> ComponentLine:
    value = float(row[name])
    return ComponentLine(name, TITLES[name], value, value * out_of, out_of, FACTS[name](row))


def _frequency(row: Row) -> str:
    fact = f"{row['attended']} of {plural(row['eligible'], 'event')}"
    return _at_least(fact, row["eligible"], LEAST_EVENTS)


def _recency(row: Row) -> str:
    if row["last_attended"] is None:
        return "nothing attended in the last year"
    ago = (row["recency_as_of"] - row["last_attended"]).days
    fact = f"last attended {_day(row['last_attended'])}, {_ago(ago, row['recency_as_of'])}"
    if ago <= GRACE_DAYS:
        return f"{fact}, counts in full"
    return f"{fact}; halves every {row['half_life_days']:.0f} days after the first {GRACE_DAYS}"


def _diversity(row: Row) -> str:
    fact = f"{row['types_attended']} of {plural(row['types_offered'], 'type')} of event"
    return _at_least(fact, row["types_offered"], LEAST_TYPES)


def _depth(row: Row) -> str:
    best = [f"{value:.0%}" for value in list(row["depth_top"])[: row["attended"]]]
    if not best:
        return "nothing attended"
    if not row["depth_reported"]:
        return "depth not reported, each event counts as half, best three events count"
    if len(best) == 1:
        return f"involvement {best[0]} at one event; three are needed for full points"
    many = "best three events" if len(best) == len(row["depth_top"]) else "two events"
    return f"involvement {', '.join(best)} at their {many}"


def _consistency(row: Row) -> str:
    kind, offered = row["period_kind"], row["periods_offered"]
    fact = f"attended in {row['periods_attended']} of {plural(offered, kind)} with events"
    return _at_least(fact, offered, LEAST_PERIODS)


FACTS = {
    "frequency": _frequency,
    "recency": _recency,
    "diversity": _diversity,
    "depth": _depth,
    "consistency": _consistency,
}


def _notes(row: Row) -> tuple[str, ...]:
    notes: list[str] = []
    if row["attended"] and not row["depth_reported"]:
        notes.append("Depth not reported: the platforms told us who came, not how they took part.")
    outside = row.get("attended_outside") or 0
    if outside:
        notes.append(
            f"{plural(outside, 'more event')} attended but not counted: before the customer's "
            "start date, or not open to its segment or region."
        )
    return tuple(notes)


def _at_least(fact: str, offered: int, least: int) -> str:
    return f"{fact} (counted against at least {least})" if offered < least else fact


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _ago(days: int, clock: date) -> str:
    return "the same day" if days == 0 else f"{plural(days, 'day')} before {_day(clock)}"
