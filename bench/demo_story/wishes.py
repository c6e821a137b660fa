"""What the demo's story asks of each customer."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wish:
    """`low`..`high` is the score before rounding, on any day; `events` how many are attended.

    `must` and `never` are event numbers; `seats` are further people at an event, by its number;
    `early` is how many of the events are among the first nine, `early_seats` the people there.
    """

    name: str
    low: float
    high: float
    events: tuple[int, int]
    people: int
    must: tuple[int, ...] = ()
    never: tuple[int, ...] = ()
    seats: Mapping[int, int] = field(default_factory=dict)
    early: int | None = None
    early_seats: int = 0
    started_days_ago: int | None = None
    speaks: bool = False
    deepest: float = 1.0
    """How much they take part at most, 0..1."""
    asks: bool = True
    """Whether they ask more than one question at a time."""


HIGH = (79.7, 83.3)
LAST_SIX, LAST_FOUR, LAST_THREE = tuple(range(13, 19)), tuple(range(15, 19)), (16, 17, 18)

NAMED = (
    Wish("TechCorp", 94.6, 97.4, (16, 16), 12, must=(13, 17, 18), speaks=True,
         seats={13: 2, 14: 2, 15: 3, 16: 2, 17: 4, 18: 4}),
    Wish("DataPro", 91.6, 94.4, (15, 15), 8, seats={4: 1, 9: 1, 13: 1, 15: 1}),
    Wish("CloudMax", 88.6, 91.4, (14, 14), 10, must=(15, 17, 18),
         seats={14: 2, 15: 3, 17: 4, 18: 4}, asks=False),
    Wish("Acme Corp", 84.6, 87.4, (13, 13), 6, must=(13, 15, 16, 17, 18), deepest=0.78, asks=False),
    Wish("BetaInc", 83.6, 85.4, (12, 12), 7, must=(18,), never=(16, 17),
         seats={1: 2, 3: 2, 4: 1, 5: 2, 8: 1}),
    Wish("OldCorp", 32.6, 38.3, (6, 6), 6, must=(10, 12), never=(11, *LAST_SIX), early_seats=15,
         early=4),
    Wish("SmallBiz", 39.7, 45.3, (6, 6), 5, must=(14,), never=LAST_FOUR, early_seats=16, early=4,
         seats={14: 1}),
    Wish("LegacyCo", 45.6, 50.9, (8, 8), 6, must=(15,), never=LAST_THREE, early_seats=23, early=4),
    Wish("GrowthCo", 64.6, 71.4, (6, 7), 4, must=(1, 15)),
    Wish("TechStart", 60.6, 77.4, (3, 4), 3, must=(16, 17), started_days_ago=105),
)  # fmt: skip

BANDS = {"high": 18, "good": 28, "medium": 22, "low": 10}
NAMED_BANDS = {"high": 5, "good": 2, "medium": 2, "low": 1}
NEVER_CAME = 2
UPPER_GOOD = 71


def wishes(names: Sequence[str], people: int, rng: random.Random) -> list[Wish]:
    """The named customers, then the others in the order given, best band first."""
    others = iter(names)
    left = {band: BANDS[band] - NAMED_BANDS[band] for band in BANDS}
    found = list(NAMED)
    found += [Wish(next(others), *HIGH, (9, 10), 3) for _ in range(left["high"])]
    for place in range(left["good"]):
        middle = 76.4 - 14.0 * place / left["good"]
        events = (5, 7) if middle > UPPER_GOOD else (4, 5)
        found.append(Wish(next(others), middle - 1.6, middle + 1.0, events, 3))
    for place in range(left["medium"]):
        middle = 57.6 - 15.5 * place / left["medium"]
        found.append(Wish(next(others), middle - 1.6, middle + 1.0, (2, 4), 2))
    for _ in range(left["low"] - NEVER_CAME):
        middle = rng.uniform(18, 36)
        found.append(Wish(next(others), middle - 3, middle + 2, (1, 2), 1))
    found += [Wish(next(others), 0, 0, (0, 0), 1) for _ in range(NEVER_CAME)]
    return _with_people(found, people)


def _with_people(found: list[Wish], people: int) -> list[Wish]:
    """One person more for some of the others, until there are as many as there have to be."""
    missing = people - sum(wish.people for wish in found)
    named = len(NAMED)
    grown = range(named, named + missing)
    return [
        Wish(w.name, w.low, w.high, w.events, w.people + 1) if place in grown else w
        for place, w in enumerate(found)
    ]
