"""The fewest more events that would lift a customer into the next band."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np

from services.depth import UNREPORTED_DEPTH
from services.scoring.components import (
    LEAST_EVENTS,
    LEAST_PERIODS,
    LEAST_TYPES,
    MONTHLY_FROM,
    TOP_EVENTS,
    WINDOW_MONTHS,
)
from services.scoring.score import GOOD, HIGH, MEDIUM, rounded
from services.scoring.weights import COMPONENTS, Weights

MOST_STEPS = 3
CONSIDERED = 12
"""Upcoming events looked at: 298 ways to pick up to three of twelve."""

BANDS_ABOVE_LOW = ((MEDIUM, "medium"), (GOOD, "good"), (HIGH, "high"))


@dataclass(frozen=True)
class UpcomingEvent:
    name: str
    type: str
    held_on: date


@dataclass(frozen=True)
class Step:
    """`events` is empty when none is planned yet: then any `count` events would do."""

    count: int
    events: tuple[UpcomingEvent, ...]
    score_before: int
    score_after: int
    band_after: str
    sentence: str


def next_step(
    row: Mapping[str, Any], weights: Weights, upcoming: Sequence[UpcomingEvent]
) -> Step | None:
    """The cheapest step to the next band; None when already high, or when three events do not do.

    `row` is a row of `score_customers` as a dict; `upcoming` are events open to the customer, held
    after the day of the score. The promise is cautious: events held before the last one chosen count
    as missed unless chosen too, and each is attended at half depth. What falls out of the year by
    then is not foreseen.
    """
    score = row["score"]
    if score is None or score >= HIGH:
        return None
    needed = next(lowest for lowest, _ in BANDS_ABOVE_LOW if lowest > score)
    planned = sorted(upcoming, key=lambda event: (event.held_on, event.name))[:CONSIDERED]
    for count in range(1, MOST_STEPS + 1):
        reached = [
            (_score_after(row, weights, planned, chosen), chosen)
            for chosen in _choices(row, planned, count)
        ]
        enough = [option for option in reached if option[0] >= needed]
        if enough:
            # The soonest way there; of equally soon ones the one that gains most.
            after, chosen = min(enough, key=lambda option: (option[1][-1].held_on, -option[0]))
            band = [name for lowest, name in BANDS_ABOVE_LOW if lowest <= after][-1]
            sentence = _sentence(row, chosen, after, planned=bool(planned))
            shown = tuple(chosen) if planned else ()
            return Step(count, shown, score, after, band, sentence)
    return None


def _choices(
    row: Mapping[str, Any], planned: Sequence[UpcomingEvent], count: int
) -> Iterator[Sequence[UpcomingEvent]]:
    if planned:
        yield from combinations(planned, count)
        return
    # Nothing planned: suppose events of the most useful types, all at once and today.
    types = [*row["types_missing"], *(row["types_seen"] or ["webinar"])]
    types = (types + types[-1:] * count)[:count]
    yield [UpcomingEvent("", kind, row["recency_as_of"]) for kind in types]


def _score_after(
    row: Mapping[str, Any],
    weights: Weights,
    planned: Sequence[UpcomingEvent],
    chosen: Sequence[UpcomingEvent],
) -> int:
    held = [event for event in planned if event.held_on <= chosen[-1].held_on] or chosen
    attended, eligible = row["attended"] + len(chosen), row["eligible"] + len(held)
    seen = {*row["types_seen"], *(event.type for event in chosen)}
    offered = {*row["types_seen"], *row["types_missing"], *(event.type for event in held)}
    depths = sorted([*row["depth_top"], *[UNREPORTED_DEPTH] * len(chosen)], reverse=True)
    values = {
        "frequency": attended / max(eligible, LEAST_EVENTS),
        "recency": 1.0,
        "diversity": min(1.0, len(seen) / max(len(offered), LEAST_TYPES)),
        "depth": sum(depths[:TOP_EVENTS]) / TOP_EVENTS,
        "consistency": _consistency(row, held, chosen),
    }
    points = weights.as_dict()
    total = sum(values[name] * points[name] for name in COMPONENTS)
    return int(rounded(np.array([total]))[0])


def _consistency(
    row: Mapping[str, Any], held: Sequence[UpcomingEvent], chosen: Sequence[UpcomingEvent]
) -> float:
    """A period of a coming event is taken as one more on offer unless they attended in it already.

    The row does not tell whether it had events they missed, so this can only be harsh.
    """
    monthly, last = row["eligible"] + len(held) >= MONTHLY_FROM, row["last_attended"]
    known = set[int]() if last is None else {_period(last, monthly=monthly)}
    offered = {_period(event.held_on, monthly=monthly) for event in held} - known
    attended = {_period(event.held_on, monthly=monthly) for event in chosen} - known
    before, on_offer = row["periods_attended"], row["periods_offered"]
    if monthly and row["period_kind"] != "month":
        # From now on months count; at worst each event so far was in a month of its own.
        before = sum(1 for count in row["months"] if count)
        on_offer = min(WINDOW_MONTHS, row["eligible"])
    periods = on_offer + len(offered)
    return min(1.0, (before + len(attended)) / max(periods, LEAST_PERIODS))


def _period(day: date, *, monthly: bool) -> int:
    month = day.year * 12 + day.month - 1
    return month if monthly else month // 3


def _sentence(
    row: Mapping[str, Any], chosen: Sequence[UpcomingEvent], after: int, *, planned: bool
) -> str:
    change = f"{row['score']} → {after}"
    new = sorted({event.type for event in chosen} - set(row["types_seen"]))
    kinds = " and ".join(f"a {kind.replace('_', ' ')}" for kind in new)
    if planned:
        names = ", ".join(f"{event.name} ({_day(event.held_on)})" for event in chosen)
        aside = f", {kinds}: new to them" if kinds else ""
        return f"Attend {names}{aside}: {change}"
    many = "1 more event" if len(chosen) == 1 else f"{len(chosen)} more events"
    aside = f" ({kinds} would be new to them)" if kinds else ""
    return f"Attend {many}{aside}: {change}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
