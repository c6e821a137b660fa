"""The portfolio of the product requirement: 18 events of 2025 and the eight customers it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tests.services.scoring.reference import Row, World
from tests.services.scoring.worlds import customer, event, seat

AS_OF = date(2025, 12, 31)
FIRST_DAY = date(2025, 1, 14)
LATE_FROM = 13
ORDER = "wutwwcwutwutwwcutw"
NAMES = {"w": "webinar", "u": "user_group", "t": "training", "c": "conference"}


@dataclass(frozen=True)
class Named:
    """`depth` is the share of the schedule its people stay; events are numbered 1 to 18.

    `early` and `late` are the seats it fills at an event before and from the thirteenth on.
    """

    name: str
    score: int
    attended: tuple[int, ...]
    depth: float
    users: int
    early: int = 1
    late: int = 1
    trend: str = "stable"


def _but(*missed: int) -> tuple[int, ...]:
    return tuple(number for number in range(1, 19) if number not in missed)


LEADERS = (
    Named("TechCorp", 95, _but(2, 9), 0.85, users=12, late=2, trend="rising"),
    Named("DataPro", 92, _but(3, 8, 14), 0.80, users=8),
    Named("CloudMax", 88, _but(1, 5, 7, 12), 0.75, users=10, late=2, trend="rising"),
    Named("Acme Corp", 85, _but(2, 6, 9, 13, 17), 0.70, users=6),
    Named("BetaInc", 82, _but(4, 9, 13, 15, 16, 18), 0.70, users=7, early=2, trend="declining"),
)
FADING = (
    Named("OldCorp", 35, (8, 12), 0.60, users=2),
    Named("SmallBiz", 42, (2, 10, 14), 0.60, users=3),
    Named("LegacyCo", 48, (4, 7, 11, 15), 0.60, users=4),
)
"""OldCorp misses the last 6, SmallBiz the last 4, LegacyCo the last 3."""


def portfolio() -> tuple[World, dict[str, int]]:
    """The world, and the id of each customer named; seventy others come to about half."""
    events = [
        event(
            number,
            FIRST_DAY + timedelta(days=20 * (number - 1)),
            NAMES[letter],
            scheduled_minutes=60.0,
        )
        for number, letter in enumerate(ORDER, start=1)
    ]
    named = {one.name: number for number, one in enumerate(LEADERS + FADING, start=1)}
    seats: list[Row] = [
        seat(named[one.name], number, person, minutes=60 * one.depth)
        for one in LEADERS + FADING
        for number, person in _seats(one)
    ]
    others = range(len(named) + 1, 79)
    seats += [
        seat(other, number, minutes=30.0)
        for other in others
        for number in range(1, 19)
        if (other * 7 + number * 5) % 9 < 4
    ]
    customers = [customer(number) for number in (*named.values(), *others)]
    return World(seats, events, customers, AS_OF), named


def _seats(one: Named) -> list[tuple[int, int]]:
    """Event and person; the people of a customer take turns."""
    events = [
        number
        for number in one.attended
        for _ in range(one.early if number < LATE_FROM else one.late)
    ]
    return [(number, turn % one.users) for turn, number in enumerate(events)]
