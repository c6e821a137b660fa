"""Who is put on the list: the best, without one industry taking it over, some by lot, some never."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from services.invitations.fit.ground import Bools, Floats, Ints

EXPLORED = 0.10
"""Share of a list that is drawn by lot, so that there is something to learn from."""
INDUSTRY_SHARE = 0.40
FEWEST_FOR_SHARE = 5
"""Shorter lists may be of one industry."""
HELD_OUT = 10
"""Of a hundred customers, how many are never recommended, to compare the others with."""
NONE, RECOMMENDED, BY_LOT, HOLDOUT = 0, 1, 2, 3
ARMS = {RECOMMENDED: "recommended", BY_LOT: "explored", HOLDOUT: "holdout"}
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_HOLDOUT_SALT = 0x5EED0


@dataclass(frozen=True)
class Chosen:
    """Per customer: its arm, and the probability (0..1) of being put on the list that it had."""

    arm: npt.NDArray[np.int8]
    propensity: Floats


def lots(customer_ids: Ints, salt: int) -> Floats:
    """A number 0..1 per customer, the same for ever for the same salt (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = customer_ids.astype(np.uint64) * np.uint64(_MIX[0]) + np.uint64(salt) * np.uint64(
            _MIX[1]
        )
        for shift, factor in ((30, _MIX[1]), (27, _MIX[2])):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def held_out(customer_ids: Ints) -> Bools:
    """The customers that are never recommended any event: by their number alone, so for good."""
    return lots(customer_ids, _HOLDOUT_SALT) * 100 < HELD_OUT


def choose(
    scores: Floats, free: Bools, held: Bools, industry: pl.Series, lot: Floats, size: int
) -> Chosen:
    """A list of up to `size` of the `free` customers.

    No industry has more than INDUSTRY_SHARE of it; EXPLORED of it are drawn from everybody else who is
    free, by the lowest `lot`. `held` customers who would have been put on it are marked, not taken: they
    are what the others are compared with.
    """
    arm, propensity = np.zeros(len(scores), np.int8), np.zeros(len(scores))
    takers = np.flatnonzero(free & ~held)
    size = min(size, len(takers))
    by_lot = round(EXPLORED * size)
    codes = industry.fill_null("").rank("dense").to_numpy().astype(np.int64)
    most = _most(industry, size)
    best = _within(takers[np.argsort(-scores[takers], kind="stable")], codes, most)[: size - by_lot]
    arm[best], propensity[best] = RECOMMENDED, 1.0
    room = most - np.bincount(codes[best], minlength=len(most))
    rest = takers[(arm[takers] == NONE) & (room[codes[takers]] > 0)]
    drawn = _within(rest[np.argsort(lot[rest], kind="stable")], codes, room)[:by_lot]
    propensity[rest] = len(drawn) / max(len(rest), 1)
    arm[drawn] = BY_LOT
    if len(best):
        shadow = free & held & (scores >= scores[best].min())
        arm[shadow] = HOLDOUT
    return Chosen(arm, propensity)


def _most(industry: pl.Series, size: int) -> Ints:
    """Places per industry code; customers whose industry is not known are no industry."""
    words = ["", *industry.fill_null("").unique().sort().to_list()]
    most = max(1, int(INDUSTRY_SHARE * size)) if size >= FEWEST_FOR_SHARE else size
    return np.array([size if word == "" else most for word in words], np.int64)


def _within(order: Ints, codes: Ints, most: Ints) -> Ints:
    """Those of `order` who are among the first `most` of their industry."""
    of_order = pl.DataFrame({"code": codes[order]})
    rank = of_order.select(rank=pl.int_range(pl.len()).over("code"))["rank"].to_numpy()
    return order[rank < most[codes[order]]]
