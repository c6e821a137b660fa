"""The one stream of chance, and the ways to draw from it."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Every draw takes exactly one number from the stream."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)
        self.number: Callable[[], float] = self._source.random

    def reseed(self, seed: int) -> None:
        self._source.seed(seed)

    def below(self, limit: int) -> int:
        return int(self.number() * limit)

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.number() * len(options))]

    def place(self, cumulated: Sequence[float]) -> int:
        """A position, drawn by weight."""
        return bisect_right(cumulated, self.number() * cumulated[-1])


class Weighted:
    """Draws from (option, weight) pairs."""

    def __init__(self, chance: Chance, pairs: Sequence[tuple[str, int]]) -> None:
        self._chance = chance
        self._options = [option for option, _ in pairs]
        self._cumulated = list(accumulate(weight for _, weight in pairs))

    def __call__(self) -> str:
        return self._options[self._chance.place(self._cumulated)]
