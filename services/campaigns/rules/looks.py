"""The moments at which a rule is looked at, as whole numbers from 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

EVERY = timedelta(minutes=15)
"""As often as the worker looks at rules that are on."""


@dataclass(frozen=True)
class Looks:
    """`count` looks, `step` apart, the last of them at `last`."""

    last: datetime
    count: int
    step: timedelta = EVERY

    def at(self, number: int) -> datetime:
        return self.last - self.step * (self.count - 1 - number)

    def moments(self, number: pl.Expr) -> pl.Expr:
        """As `at`, of a column."""
        return pl.lit(self.at(0)) + pl.lit(self.step) * number

    def first_from(self, moment: pl.Expr) -> pl.Expr:
        """The first look at that moment or later; `count` where there is none, or no moment."""
        past = (moment - self.at(0)).dt.total_microseconds()
        step = self.step // timedelta(microseconds=1)
        return ((past + step - 1) // step).clip(0, self.count).fill_null(self.count)

    def in_time(self, length: timedelta) -> int:
        """Looks until so much time is over."""
        return -(-length // self.step)
