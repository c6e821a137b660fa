"""How much more or less those who were trained asked, with its interval. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from services.attendance.analysis.outcomes import Bools, Floats, Places
from services.figures import FEWEST, Z95

FEWEST_TICKETS = 8
"""Of those who came before, and of the others both before and after, below which a change is not worth a
figure."""
DRAWS = 2_000
_CHUNK = 250
_MANY = 1_000
"""Customers from which on the spread between them gives the interval, as for a lift."""
_LEAST = 0.5
"""Tickets to divide by where a draw of customers has none."""
Ends = tuple[float, float, float, float]
"""Low and high of the points, and of what is relative."""


@dataclass(frozen=True)
class TicketChange:
    """`trainings` of `topic` that could be measured; `tickets` counted on both sides, before and after.

    Means are tickets per customer in 90 days, those of the others weighed as in tickets.AROUND. `points` is how many
    more than expected a customer opened that came, `relative` the same as a share of it, with 95% intervals;
    None: not enough data.
    """

    topic: str
    trainings: int
    tickets: int
    came: int
    others: int
    came_before: float | None
    came_after: float | None
    others_before: float | None
    others_after: float | None
    points: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None


@dataclass(frozen=True)
class Compared:
    """One training on `topic`. `who`: positions of the customers compared, those of strata with both sides;
    their tickets `before` and `after`. `weight`: as in tickets.AROUND."""

    event_id: int
    key: str
    topic: str
    who: Places
    came: Bools
    before: Places
    after: Places
    weight: Floats


class Tally:
    """Trainings added up by customer."""

    def __init__(self, customers: int) -> None:
        self.trainings = 0
        self.sums: Floats = np.zeros((customers, 5))
        """Per customer: its rows that came, their tickets before and after, and those of its other rows, weighed."""
        self.sides: Bools = np.zeros((2, customers), dtype=bool)
        self.tickets: Floats = np.zeros((2, 2))
        """Of those who did not come and who did: before and after."""

    def add(self, one: Compared) -> None:
        self.trainings += 1
        self.sides[one.came.astype(np.int64), one.who] = True
        both = np.stack([one.before, one.after], axis=1)
        self.tickets += both[~one.came].sum(axis=0), both[one.came].sum(axis=0)
        self.sums[one.who, 0] += one.came
        self.sums[one.who, 1:3] += both * one.came[:, None]
        self.sums[one.who, 3:5] += both * (one.weight * ~one.came)[:, None]

    def plus(self, other: Tally) -> None:
        self.trainings += other.trainings
        self.sums += other.sums
        self.sides |= other.sides
        self.tickets += other.tickets


def total(parts: Iterable[Tally], customers: int) -> Tally:
    """Of all of them."""
    found = Tally(customers)
    for one in parts:
        found.plus(one)
    return found


def change_of(topic: str, tally: Tally, *, seed: int = 1, draws: int = DRAWS) -> TicketChange:
    """The interval comes from customers drawn anew with all their rows."""
    sums = tally.sums[tally.sides.any(axis=0)]
    whole = sums.sum(axis=0)
    seats = whole[0]
    means = [float(one) for one in whole[1:] / seats] if seats else [None] * 4
    others, came = (int(side.sum()) for side in tally.sides)
    counted = int(tally.tickets.sum())
    found = TicketChange(topic, tally.trainings, counted, came, others, *means)
    fewest = min(tally.tickets[1, 0], *tally.tickets[0])
    if min(found.came, found.others) < FEWEST or fewest < FEWEST_TICKETS:
        return found
    (points,), (relative,) = _figures(whole[None, :])
    rng = np.random.default_rng(seed)
    ends = from_spread(sums) if len(sums) > _MANY else from_draws(drawn(sums, rng, draws))
    return replace(
        found, points=float(points), low=ends[0], high=ends[1], relative=float(relative),
        relative_low=ends[2], relative_high=ends[3],
    )  # fmt: skip


def from_draws(sums: Floats) -> Ends:
    """Of drawn sums."""
    points, relative = (np.nanpercentile(found, [2.5, 97.5]) for found in _figures(sums))
    return float(points[0]), float(points[1]), float(relative[0]), float(relative[1])


def from_spread(sums: Floats) -> Ends:
    """As `from_draws`, from how much each customer moves the figures, the ratio by its logarithm: what
    drawing anew approaches as customers become many."""
    total = sums.sum(axis=0)
    (points,), (relative,) = _figures(total[None, :])
    seats, before, after, others_before, others_after = (sums / np.maximum(total, _LEAST)).T
    expected = before + others_after - others_before
    came = total[2] / total[0]
    moved = came * after - (came - points) * expected - points * seats
    one, log = (Z95 * float(np.sqrt(np.sum(each**2))) for each in (moved, after - expected))
    low, high = (float((1 + relative) * np.exp(sign * log) - 1) for sign in (-1, 1))
    return float(points) - one, float(points) + one, low, high


def _figures(sums: Floats) -> tuple[Floats, Floats]:
    """Per row of sums as in a Tally: `points` and `relative`."""
    seats, after = sums[:, 0], sums[:, 2]
    before, others_before, others_after = (np.maximum(sums[:, n], _LEAST) for n in (1, 3, 4))
    expected = before * others_after / others_before
    with np.errstate(divide="ignore", invalid="ignore"):
        return (after - expected) / seats, after / expected - 1


def drawn(sums: Floats, rng: np.random.Generator, draws: int) -> Floats:
    many, found = len(sums), []
    for start in range(0, draws, _CHUNK):
        some = min(_CHUNK, draws - start)
        chosen = [np.bincount(rng.integers(0, many, many), minlength=many) for _ in range(some)]
        found.append(np.stack(chosen).astype(np.float64) @ sums)
    return np.concatenate(found)
