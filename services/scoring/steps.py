"""The fewest more events that would lift a customer into the next band."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from services.depth import UNREPORTED_DEPTH
from services.scoring.components import (
    LEAST_EVENTS,
    LEAST_PERIODS,
    LEAST_TYPES,
    MONTHLY_FROM,
    TOP_EVENTS,
)
from services.scoring.facts import attended_pairs, attended_rows
from services.scoring.score import GOOD, HIGH, MEDIUM, rounded
from services.scoring.supply import WINDOW_DAYS, supply_of
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


@dataclass(frozen=True)
class Held:
    """An event of the last year that was open to the customer; `depth` is None when it was missed."""

    held_on: date
    type: str
    depth: float | None


def year_of(
    attendances: pl.DataFrame, events: pl.DataFrame, customers: pl.DataFrame, as_of: date
) -> list[Held]:
    """Of one customer; the frames are those of `score_customers`."""
    supply = supply_of(events, customers, as_of)
    came = attended_pairs(attended_rows(attendances, supply), supply)
    depths = dict(zip(came.event.tolist(), came.depth.tolist(), strict=True))
    places = np.arange(supply.events.height)
    open_to = supply.eligible(np.zeros_like(places), places)
    days = zip(supply.events["held_on"], supply.events["type"], open_to, strict=True)
    return [
        Held(day, kind, depths.get(place)) for place, (day, kind, here) in enumerate(days) if here
    ]


def next_step(
    row: Mapping[str, Any],
    weights: Weights,
    upcoming: Sequence[UpcomingEvent],
    year: Sequence[Held],
    as_of: date,
) -> Step | None:
    """The cheapest step to the next band; None when already high, or when three events do not do.

    `row` is a row of `score_customers` as a dict; `upcoming` are all events open to the customer, held
    after the day of the score, `as_of`; `year` is as from `year_of`. The score is that of the day of the
    last event chosen: what is over a year old by then counts no more, events held before it count as
    missed unless chosen too, and each is attended at half depth.
    """
    score = row["score"]
    if score is None or score >= HIGH:
        return None
    needed = next(lowest for lowest, _ in BANDS_ABOVE_LOW if lowest > score)
    planned = sorted(upcoming, key=lambda event: (event.held_on, event.name))[:CONSIDERED]
    windows = {event.held_on: _window(year, upcoming, event.held_on) for event in planned}
    for count in range(1, MOST_STEPS + 1):
        reached = [
            (_score_after(_on(windows, year, chosen), weights, chosen), chosen)
            for chosen in _choices(row, planned, count, as_of)
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
    row: Mapping[str, Any], planned: Sequence[UpcomingEvent], count: int, today: date
) -> Iterator[Sequence[UpcomingEvent]]:
    if planned:
        yield from combinations(planned, count)
        return
    # Nothing planned: suppose events of the most useful types, all at once and today.
    types = [*row["types_missing"], *(row["types_seen"] or ["webinar"])]
    types = (types + types[-1:] * count)[:count]
    yield [UpcomingEvent("", kind, today) for kind in types]


def _on(
    windows: Mapping[date, _Window], year: Sequence[Held], chosen: Sequence[UpcomingEvent]
) -> _Window:
    last = chosen[-1].held_on
    return windows[last] if windows else _window(year, chosen, last)


@dataclass(frozen=True)
class _Window:
    """What counts on the day of an event to come, before anything is chosen."""

    offered: int
    types_offered: frozenset[str]
    months_offered: frozenset[int]
    attended: int
    deepest: Sequence[float]
    types: frozenset[str]
    months: frozenset[int]


def _window(year: Sequence[Held], coming: Sequence[UpcomingEvent], last: date) -> _Window:
    since = last - timedelta(days=WINDOW_DAYS)
    offered = [event for event in year if event.held_on > since]
    came = [event for event in offered if event.depth is not None]
    depths = sorted((event.depth or 0.0 for event in came), reverse=True)
    held = [*offered, *(event for event in coming if event.held_on <= last)]
    return _Window(
        offered=len(held),
        types_offered=frozenset(event.type for event in held),
        months_offered=frozenset(_month(event.held_on) for event in held),
        attended=len(came),
        deepest=depths[:TOP_EVENTS],
        types=frozenset(event.type for event in came),
        months=frozenset(_month(event.held_on) for event in came),
    )


def _score_after(window: _Window, weights: Weights, chosen: Sequence[UpcomingEvent]) -> int:
    depths = sorted([*window.deepest, *[UNREPORTED_DEPTH] * len(chosen)], reverse=True)
    types = window.types | {event.type for event in chosen}
    months = window.months | {_month(event.held_on) for event in chosen}
    months_offered = window.months_offered
    if window.offered < MONTHLY_FROM:
        months, months_offered = _quarters(months), _quarters(months_offered)
    values = {
        "frequency": (window.attended + len(chosen)) / max(window.offered, LEAST_EVENTS),
        "recency": 1.0,
        "diversity": min(1.0, len(types) / max(len(window.types_offered), LEAST_TYPES)),
        "depth": sum(depths[:TOP_EVENTS]) / TOP_EVENTS,
        "consistency": min(1.0, len(months) / max(len(months_offered), LEAST_PERIODS)),
    }
    points = weights.as_dict()
    total = sum(values[name] * points[name] for name in COMPONENTS)
    return int(rounded(np.array([total]))[0])


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _quarters(months: frozenset[int]) -> frozenset[int]:
    return frozenset(month // 3 for month in months)


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
