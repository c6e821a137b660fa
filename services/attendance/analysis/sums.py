"""What a lift is made of, added up event by event: the same as `figures.lift_of` makes of all rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

import numpy as np

from services.attendance.analysis.outcomes import Around, Bools, Floats
from services.figures import FEWEST, Z95, Lift


class Sums:
    """Of any number of events. Strata in which only one side stands have no say."""

    def __init__(self, customers: int) -> None:
        self._sides: Bools = np.zeros((2, customers), dtype=bool)
        self._moves: Floats = np.zeros((2, customers))
        """How much each customer moves the lift and what was to be expected without it, times all treated."""
        self._raw: Floats = np.zeros((2, 3))
        """Did not come and came: rows, and the sums of before and after."""
        self._weighed: Floats = np.zeros(3)
        """Treated, and their sums of the lift and of what was to be expected."""

    @property
    def customers(self) -> int:
        return int(self._sides.any(axis=0).sum())

    def add(self, one: Around, groups: int) -> None:
        """`groups`: the number of the stratum that is the rest of the event."""
        side = one.stratum * 2 + one.came
        count, was, then = (
            np.bincount(side, weights=values, minlength=2 * groups + 2).reshape(-1, 2)
            for values in (None, one.before, one.after)
        )
        both = count.min(axis=1) > 0
        raw = np.stack([np.where(both[:, None], sums, 0.0) for sums in (count, was, then)])
        self._raw += raw.sum(axis=1).T
        treated = raw[0, :, 1]
        mean_was, mean_then = raw[1:] / np.maximum(raw[0], 1)
        change = mean_then - mean_was
        gain, base = change[:, 1] - change[:, 0], mean_was[:, 1] + change[:, 0]
        self._weighed += treated.sum(), treated @ gain, treated @ base

        here = both[one.stratum]
        self._sides[one.came.astype(np.int64)[here], one.who[here]] = True
        off = one.after - one.before - change.ravel()[side]
        share = (treated / np.maximum(raw[0, :, 0], 1))[one.stratum]
        pulled = np.where(one.came, one.before - mean_was.ravel()[side], share * off)
        off *= np.where(one.came, 1.0, -share)
        self._moves[0, one.who] += np.where(here, off, 0.0)
        self._moves[1, one.who] += np.where(here, pulled, 0.0)

    def plus(self, other: Sums) -> None:
        self._sides |= other._sides
        self._moves += other._moves
        self._raw += other._raw
        self._weighed += other._weighed

    def lift(self) -> Lift:
        """With the interval of the spread between customers: see `figures.lift_of`."""
        others, treated = (int(side.sum()) for side in self._sides)
        stayed, came = (
            [float(one) for one in sums[1:] / sums[0]] if sums[0] else [None, None]
            for sums in self._raw
        )
        raw = Lift(treated, others, *came, *stayed)
        if min(treated, others) < FEWEST:
            return raw
        weight, gain, base = (float(one) for one in self._weighed)
        points, expected = gain / weight, base / weight
        known = expected > 0
        ratio = points / expected if known else 0.0
        off = self._moves[0] / weight
        of_ratio = (off - ratio * self._moves[1] / weight) / (expected or 1.0)
        one, other = (Z95 * sqrt(float(np.sum(moves**2))) for moves in (off, of_ratio))
        return Lift(
            treated, others, *came, *stayed,
            points=points, low=points - one, high=points + one,
            relative=ratio if known else None,
            relative_low=ratio - other if known else None,
            relative_high=ratio + other if known else None,
        )  # fmt: skip


def total(parts: Iterable[Sums], customers: int) -> Sums:
    """Of all of them."""
    found = Sums(customers)
    for one in parts:
        found.plus(one)
    return found
