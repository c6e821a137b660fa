"""What a rule would have fired, look by look. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from services.campaigns.rules.spells import SPELL

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Pace:
    """In looks: `count` of them, `window` in which a customer is left in peace, and at most `cap` firings in
    any `week`."""

    count: int
    window: int
    week: int
    cap: int


def walk(
    spells: pl.DataFrame, pace: Pace, passed: Callable[[float], None] = lambda _share: None
) -> tuple[pl.DataFrame, int]:
    """SPELL of each firing with its `look`, in their order, and how many customers the cap kept waiting. `passed`
    is told the share of the time that is behind."""
    walker = _Walker(spells.sort("customer_id", "start"), pace)
    for look in walker.looks():
        passed(look / pace.count)
    return walker.fired(), int(walker.waited.sum())


class _Walker:
    """Customers side by side, each at the first of its spells that may fire yet. Only looks at which something
    fires, or would but for the cap, are visited."""

    def __init__(self, spells: pl.DataFrame, pace: Pace) -> None:
        assert set(SPELL) <= set(spells.columns)
        self._spells, self._pace = spells, pace
        whose = spells["customer_id"].to_numpy()
        self._start = spells["start"].to_numpy()
        self._at = spells["at"].to_physical().to_numpy()
        once = pl.struct("customer_id", "occasion").rank("dense")
        self._once = spells.select(once).to_series().to_numpy().astype(np.int64) - 1
        self._done = np.zeros(spells.height, bool)  # by what makes it once
        self._place = np.flatnonzero(np.diff(whose, prepend=-1))
        self._beyond = np.append(self._place[1:], spells.height)
        self._customers = whose[self._place]
        number = np.repeat(np.arange(self._place.size), self._beyond - self._place)
        self._ends = self._key(number, spells["end"].to_numpy())
        self._sinces = self._key(number, spells["since"].fill_null(pace.count + 1).to_numpy())
        self._free = np.zeros(self._place.size, np.int64)  # from when on it is not left in peace
        self._last = np.full(self._place.size, -2, np.int64)
        self._next = self._start[self._place]
        self._rows: list[np.ndarray] = []
        self._when: list[np.ndarray] = []
        self._recent = np.zeros(0, np.int64)
        self.waited = np.zeros(self._place.size, bool)

    def looks(self) -> Iterator[int]:
        look = self._soonest()
        while look < self._pace.count:
            yield look
            self._recent = self._recent[self._recent > look - self._pace.week]
            self._fire(look)
            if self._recent.size < self._pace.cap:
                look = self._soonest()
                continue
            room = min(int(self._recent[0]) + self._pace.week, self._pace.count)
            late = np.flatnonzero(self._next < room)
            self.waited[late] = True
            self._move_on(late, room)
            look = self._soonest()

    def _soonest(self) -> int:
        return int(self._next.min(initial=NEVER))

    def _fire(self, look: int) -> None:
        """Those whose rule holds at this look, the newest signs first, as far as there is room."""
        ready = np.flatnonzero(self._next <= look)
        rows = self._place[ready]
        order = np.lexsort((-self._customers[ready], -self._at[rows]))
        fires = ready[order[: self._pace.cap - self._recent.size]]
        rows = self._place[fires]
        self._rows.append(rows)
        self._when.append(np.full(rows.size, look))
        self._recent = np.append(self._recent, self._when[-1])
        self._done[self._once[rows]] = True
        self._last[fires] = look
        self._free[fires] = look + self._pace.window
        self._move_on(fires, look)

    def _move_on(self, customers: np.ndarray, look: int) -> None:
        """On to the first spell of each of these that can fire at this look or later."""
        earliest = np.maximum(self._free[customers], look)
        lasting = np.searchsorted(self._ends, self._key(customers, earliest), "right")
        other = np.searchsorted(self._sinces, self._key(customers, self._last[customers]), "right")
        place = np.maximum(self._place[customers], np.maximum(lasting, other))
        while True:
            left = place < self._beyond[customers]
            here = np.minimum(place, self._spells.height - 1)
            step = left & self._done[self._once[here]]
            if not step.any():
                break
            place += step
        self._place[customers] = place
        self._next[customers] = np.where(left, np.maximum(self._start[here], earliest), NEVER)

    def _key(self, customers: np.ndarray, look: np.ndarray) -> np.ndarray:
        """Grows with the customer, and with the look for each: from -2 to one after the last."""
        return customers * (self._pace.count + 4) + np.minimum(look, self._pace.count + 1) + 2

    def fired(self) -> pl.DataFrame:
        rows = np.concatenate(self._rows) if self._rows else np.zeros(0, np.int64)
        when = np.concatenate(self._when) if self._when else np.zeros(0, np.int64)
        return self._spells[rows].with_columns(look=pl.Series(when, dtype=pl.Int64))
