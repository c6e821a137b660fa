"""What "the top three" means to a command, and which customers "those at risk" are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from services.ask.book import Desk
from services.ask.counting import NUMBER
from services.ask.phrases import ADVOCATES, CUSTOMERS, FADING
from services.scoring import advocacy, board, risk

MOST_AT_ONCE = 50
"""Customers of one command; each is drafted a mail."""
FEW = 10
"""Where each is told of at length."""


@dataclass(frozen=True)
class Order:
    """`best(n)` gives the first n, and `such` says what they are, as in "only two are at risk". `most` are taken at
    once."""

    best: Callable[[int], Sequence[int]]
    such: str
    most: int = MOST_AT_ONCE


def standings(desk: Desk) -> board.Standings:
    as_of = board.board_day(desk.session, now=desk.now).as_of
    return board.standings(desk.session, desk.by, as_of=as_of)


def leaders(desk: Desk) -> Order:
    """The best of the board, for commands that have no order of their own."""

    def best(count: int) -> list[int]:
        rows = standings(desk).rows.filter(pl.col("score").is_not_null())
        return rows["customer_id"].head(count).to_list()

    return Order(best, "on the board", FEW)


def fading(desk: Desk) -> Order:
    """Those at risk, the worst first."""

    def best(count: int) -> list[int]:
        found = risk.listing(desk.session, desk.by, desk.now, limit=count)
        return [one.customer_id for one in found.rows]

    return Order(best, "at risk")


def willing(desk: Desk) -> Order:
    """Those who could speak for us, the best first."""

    def best(count: int) -> list[int]:
        found = advocacy.candidates(desk.session, desk.by, desk.now)
        return [one.customer_id for one in found.rows[:count]]

    return Order(best, "free to be asked")


_SUCH = rf"(?:(?:all|the|my|our|of|top|worst|best|first) )*(?:(?P<count>{NUMBER}) )?(?:top |worst |best )?"
_GROUPS: tuple[tuple[re.Pattern[str], Callable[[Desk], Order]], ...] = (
    (re.compile(rf"{_SUCH}(?:{CUSTOMERS} )?(?:(?:who|that|which) are )?{FADING}(?: {CUSTOMERS}| ones)?"), fading),
    (re.compile(rf"{_SUCH}{ADVOCATES}(?: candidates?| {CUSTOMERS})?"), willing),
)  # fmt: skip
"""Customers that are named by what they have in common."""


def group(desk: Desk, typed: str) -> tuple[Order, str] | None:
    """The group that is meant by it and how many were asked for, as typed; None for names."""
    plain = " ".join(typed.casefold().split())
    for pattern, order in _GROUPS:
        if found := pattern.fullmatch(plain):
            return order(desk), found["count"] or ""
    return None
