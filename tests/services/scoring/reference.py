"""The score and the trend once more, slowly and plainly: loops over dicts, one formula a line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    attendances: Sequence[Row]
    events: Sequence[Row]
    customers: Sequence[Row]
    as_of: date


def eligible_events(world: World, customer: Row) -> list[Row]:
    found = []
    for event in world.events:
        if not world.as_of - timedelta(days=365) < event["held_on"] <= world.as_of:
            continue
        if not _open_to(event, customer):
            continue
        if customer["started_on"] and event["held_on"] < customer["started_on"]:
            continue
        found.append(event)
    return sorted(found, key=lambda event: (event["held_on"], event["event_id"]))


def _open_to(event: Row, customer: Row) -> bool:
    if event["only"] is not None:
        return customer["customer_id"] in event["only"]
    if event["segments"] and customer["segment"] not in event["segments"]:
        return False
    return not event["regions"] or customer["region"] in event["regions"]


def for_everybody(world: World, customer: Row) -> list[Row]:
    return [event for event in eligible_events(world, customer) if event["only"] is None]


def people_at(world: World, customer: Row, event: Row) -> list[Row]:
    return [
        row
        for row in world.attendances
        if row["customer_id"] == customer["customer_id"] and row["event_id"] == event["event_id"]
    ]


def depth_of(row: Row, event: Row) -> float:
    if row["spoke"]:
        return 1.0
    signals = []
    if row["minutes"] is not None and event["scheduled_minutes"]:
        signals.append((0.40, min(1, row["minutes"] / event["scheduled_minutes"])))
    if row["questions"] is not None:
        signals.append((0.25, 1 - 2 ** -row["questions"]))
    if row["polls"] is not None and event["polls_asked"]:
        signals.append((0.15, min(1, row["polls"] / event["polls_asked"])))
    if row["downloads"] is not None:
        signals.append((0.10, 1 - 2 ** -row["downloads"]))
    if row["feedback"] is not None:
        signals.append((0.10, 1.0 if row["feedback"] > 0 else 0.0))
    if not signals:
        return 0.5
    return sum(weight * value for weight, value in signals) / sum(weight for weight, _ in signals)


def components(world: World, customer: Row) -> dict[str, float] | None:
    """The five components, each 0..1; None where no event was eligible."""
    offered = eligible_events(world, customer)
    if not offered:
        return None
    attended = [event for event in offered if people_at(world, customer, event)]
    if not attended:
        return dict.fromkeys(("frequency", "recency", "diversity", "depth", "consistency"), 0.0)
    n_offered, n_attended = len(offered), len(attended)

    clock = min(world.as_of, offered[-1]["held_on"] + timedelta(days=30))
    half_life = min(240, max(60, 6 * 365 / n_offered))
    since = max(0, (clock - attended[-1]["held_on"]).days - 7)

    def month(event: Row) -> int:
        return event["held_on"].year * 12 + event["held_on"].month - 1

    def period(event: Row) -> int:
        return month(event) if n_offered >= 12 else month(event) // 3

    depths = sorted(
        (
            max(depth_of(row, event) for row in people_at(world, customer, event))
            for event in attended
        ),
        reverse=True,
    )
    types_offered = {event["type"] for event in offered}
    types = {event["type"] for event in attended}
    periods_offered = {period(event) for event in offered}
    periods = {period(event) for event in attended}
    return {
        "frequency": min(1, n_attended / max(n_offered, 4)),
        "recency": 2 ** (-since / half_life),
        "diversity": min(1, len(types) / max(2, len(types_offered))),
        "depth": sum(depths[:3]) / 3,
        "consistency": min(1, len(periods) / max(3, len(periods_offered))),
    }


def score(world: World, customer: Row) -> float | None:
    """Unrounded, with the usual weights."""
    parts = components(world, customer)
    if parts is None:
        return None
    return (
        30 * parts["frequency"]
        + 25 * parts["recency"]
        + 20 * parts["diversity"]
        + 15 * parts["depth"]
        + 10 * parts["consistency"]
    )


def missed_in_row(world: World, customer: Row) -> int:
    offered = eligible_events(world, customer)
    days = [event["held_on"] for event in offered if people_at(world, customer, event)]
    return sum(1 for event in offered if not days or event["held_on"] > max(days))


def shortfall(world: World, customer: Row) -> float | None:
    """z of seats and of coming at all, averaged; None where nothing was attended."""
    offered = for_everybody(world, customer)
    if not any(people_at(world, customer, event) for event in offered):
        return None
    seats = [_against_others(world, customer, event, binary=False) for event in offered]
    coming = [_against_others(world, customer, event, binary=True) for event in offered]
    return (_z_seats(seats) + _z_coming(coming)) / 2


@dataclass(frozen=True)
class Seen:
    ago: int
    own: float
    others: float

    @property
    def fading(self) -> float:
        return math.exp(-self.ago / 90)


def _against_others(world: World, customer: Row, event: Row, *, binary: bool) -> Seen:
    came = [
        count
        for who in world.customers
        if event in eligible_events(world, who) and (count := len(people_at(world, who, event)))
    ]
    most = max(10, 5 * median_low(came) if len(came) >= 3 else 0)

    def value(who: Row) -> int:
        return min(len(people_at(world, who, event)), 1 if binary else most)

    others = [
        other
        for other in world.customers
        if other["customer_id"] != customer["customer_id"]
        and event in eligible_events(world, other)
        and any(people_at(world, other, any_event) for any_event in for_everybody(world, other))
    ]
    mean = sum(value(other) for other in others) / max(len(others), 1)
    own = len(people_at(world, customer, event))
    return Seen((world.as_of - event["held_on"]).days, min(own, 1) if binary else own, mean + 0.02)


def _level(seen: list[Seen]) -> float:
    old = [event for event in seen if event.ago >= 90]
    return (sum(event.own for event in old) + 1) / (sum(event.others for event in old) + 1)


def _z_seats(seen: list[Seen]) -> float:
    level = _level(seen)
    gap = sum(e.fading * (level * e.others - e.own) for e in seen)
    spread = sum(e.fading**2 * (level * e.others + 0.5 * (level * e.others) ** 2) for e in seen)
    return gap / math.sqrt(spread + 0.3)


def _z_coming(seen: list[Seen]) -> float:
    level = _level(seen)
    chances = [min(0.95, max(0.02, level * e.others)) for e in seen]
    gap = sum(e.fading * (p - e.own) for e, p in zip(seen, chances, strict=True))
    spread = sum(e.fading**2 * p * (1 - p) for e, p in zip(seen, chances, strict=True))
    return gap / math.sqrt(spread + 0.15)
