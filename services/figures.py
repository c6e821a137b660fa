"""Shares and lifts with what one may say about them: counts, intervals, and when there is too little."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_matrix

Z95 = 1.959964
FEWEST = 8
"""Customers on either side below which a lift is not worth a figure."""
DRAWS = 2_000
SHRINKAGE = 10.0
LIFT = {
    "customer": pl.Int64,
    "stratum": pl.Int64,
    "treated": pl.Boolean,
    "before": pl.Float64,
    "after": pl.Float64,
}
MANY = 1_000
"""Customers from which on the spread between them gives the interval: drawing them anew, as for fewer, comes
to the same and takes half a minute."""
_CHUNK = 250
_DENSE = 10_000_000
_FILLED = 0.04
"""Up to so many cells, and with so many of them in use, a full matrix is faster than a sparse one."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """`hits` of `of`, with Wilson's 95 % interval; all 0..1, None without anything to divide by."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Lift:
    """How much more the treated changed than the others did, with a 95 % interval; None: not enough data.

    `relative` and its ends are shares of what was to be expected of the treated without it. `treated` and
    `others` count distinct customers; `before` and `after` are the raw means of each side.
    """

    treated: int
    others: int
    treated_before: float | None
    treated_after: float | None
    others_before: float | None
    others_after: float | None
    points: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None


@dataclass(frozen=True)
class Gap:
    """How much larger one share is than another, with 95 % intervals; None: not enough cases on a side.

    `points` is the difference, 0..1; `relative` the one over the other, less one.
    """

    points: float | None = None
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    relative_low: float | None = None
    relative_high: float | None = None


def gap_of(one: Share, other: Share) -> Gap:
    """Newcombe's interval of the difference (1998, method 10), and the ratio's from its logarithm with half a
    case more on each side (Walter 1975). Nothing under FEWEST cases on either side."""
    if min(one.of, other.of) < FEWEST:
        return Gap()
    (p, p_low, p_high), (q, q_low, q_high) = (
        (side.share or 0.0, side.low or 0.0, side.high or 0.0) for side in (one, other)
    )
    a, m, b, n = one.hits + 0.5, one.of + 0.5, other.hits + 0.5, other.of + 0.5
    ratio, spread = (a / m) / (b / n), Z95 * sqrt(1 / a - 1 / m + 1 / b - 1 / n)
    return Gap(
        points=p - q,
        low=p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2),
        high=p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2),
        relative=ratio - 1,
        relative_low=ratio * exp(-spread) - 1,
        relative_high=ratio * exp(spread) - 1,
    )


def share_of(hits: int, of: int) -> Share:
    """Wilson's score interval (1927): right for small numbers too, where the simple one is not."""
    if of <= 0:
        return Share(hits, of, None, None, None)
    p, z2 = hits / of, Z95**2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * sqrt(p * (1 - p) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Share(hits, of, p, low, high)


def shrunk(hits: float, of: float, whole: float, *, weight: float = SHRINKAGE) -> float:
    """The share of a small group, drawn towards that of the whole as if it had `weight` cases more."""
    return (hits + weight * whole) / (of + weight)


def lift_of(rows: pl.DataFrame, *, seed: int = 1, draws: int = DRAWS) -> Lift:
    """Difference in differences, pooled over strata, customers resampled with all their rows.

    `rows` is of LIFT: one per customer and stratum (an event, or an event within a segment), `before` the
    mean of the periods before and `after` the period after. Strata without both sides have no say; the
    others weigh as many treated as they have.
    """
    rows = _comparable(rows)
    treated = rows.filter("treated")
    others = rows.filter(~pl.col("treated"))
    raw = Lift(
        treated["customer"].n_unique(), others["customer"].n_unique(),
        _mean(treated["before"]), _mean(treated["after"]),
        _mean(others["before"]), _mean(others["after"]),
    )  # fmt: skip
    if min(raw.treated, raw.others) < FEWEST:
        return raw
    points, base, (low, high), (relative_low, relative_high) = (
        _spread(rows)
        if rows["customer"].n_unique() > MANY
        else _drawn(rows, np.random.default_rng(seed), draws)
    )
    whole = base > 0
    return Lift(
        raw.treated, raw.others,
        raw.treated_before, raw.treated_after, raw.others_before, raw.others_after,
        points=points, low=low, high=high,
        relative=points / base if whole else None,
        relative_low=relative_low if whole else None,
        relative_high=relative_high if whole else None,
    )  # fmt: skip


_Ends = tuple[float, float]


def _drawn(
    rows: pl.DataFrame, rng: np.random.Generator, draws: int
) -> tuple[float, float, _Ends, _Ends]:
    """The lift, what was to be expected without it, and the interval of the lift and of their ratio, from
    customers drawn anew."""
    found = _Strata(rows)
    points, base = found.figures(np.ones((1, found.customers)))
    low, high = np.nanpercentile(_resampled(found, rng, draws), [2.5, 97.5], axis=1)
    ends, relative = ((float(low[n]), float(high[n])) for n in (0, 1))
    return float(points[0]), float(base[0]), ends, relative


def _spread(rows: pl.DataFrame) -> tuple[float, float, _Ends, _Ends]:
    """As `_drawn`, from how much each customer moves the figures: the infinitesimal jackknife (Efron 1982),
    which drawing anew approaches as customers become many."""
    side = rows.group_by("stratum", "treated").agg(
        n=pl.len(), was=pl.col("before").mean(), change=(pl.col("after") - pl.col("before")).mean()
    )
    come, stay = side.filter("treated"), side.filter(~pl.col("treated"))
    both = come.join(stay, on="stratum", suffix="_others").select(
        "stratum",
        share=pl.col("n") / pl.col("n").sum(),
        gain=pl.col("change") - pl.col("change_others"),
        base=pl.col("was") + pl.col("change_others"),
    )
    points, base = (both.select(pl.col("share").dot(name)).item() for name in ("gain", "base"))
    sign = pl.when("treated").then(1.0).otherwise(-1.0)
    off = pl.col("after") - pl.col("before") - pl.col("change")
    part = pl.col("share") / pl.col("n")
    pulled = pl.when("treated").then(pl.col("before") - pl.col("was")).otherwise(off)
    moves = (
        rows.join(side, on=["stratum", "treated"])
        .join(both.select("stratum", "share"), on="stratum")
        .group_by("customer")
        .agg(gain=(part * sign * off).sum(), base=(part * pulled).sum())
    )
    ratio = points / base if base > 0 else 0.0
    relative = (pl.col("gain") - ratio * pl.col("base")) / (base or 1.0)
    one, other = (
        Z95 * sqrt(moves.select(value.pow(2).sum()).item()) for value in (pl.col("gain"), relative)
    )
    return points, base, (points - one, points + one), (ratio - other, ratio + other)


def _comparable(rows: pl.DataFrame) -> pl.DataFrame:
    sides = pl.col("treated").n_unique().over("stratum")
    return rows.drop_nulls([*LIFT]).filter(sides == 2)


def _mean(values: pl.Series) -> float | None:
    found = values.mean()
    return float(found) if isinstance(found, int | float) else None


class _Strata:
    """Sums per stratum and side, for any weights of the customers: one product of matrices each."""

    def __init__(self, rows: pl.DataFrame) -> None:
        who = rows["customer"].rank("dense").to_numpy().astype(np.int64) - 1
        stratum = rows["stratum"].rank("dense").to_numpy().astype(np.int64) - 1
        self.customers = int(who.max()) + 1
        self.strata = int(stratum.max()) + 1
        place = stratum * 2 + rows["treated"].to_numpy().astype(np.int64)
        shape = (self.customers, self.strata * 2)
        cells = shape[0] * shape[1]
        dense = len(who) >= _FILLED * cells and cells <= _DENSE

        def sums(values: Floats) -> Any:
            found = csr_matrix((values, (who, place)), shape=shape)
            return found.toarray() if dense else found

        self._count = sums(np.ones(len(who)))
        self._before = sums(rows["before"].to_numpy())
        self._after = sums(rows["after"].to_numpy())
        self._weight = np.asarray(self._count.sum(axis=0)).ravel()[1::2]

    def figures(self, weights: Floats) -> tuple[Floats, Floats]:
        """Per row of `weights` (draws x customers): the lift, and what was to be expected without it."""
        with np.errstate(divide="ignore", invalid="ignore"):
            count = weights @ self._count
            before = (weights @ self._before) / count
            after = (weights @ self._after) / count
            change = after - before
            gains = change[:, 1::2] - change[:, ::2]
            expected = before[:, 1::2] + change[:, ::2]
            known = np.isfinite(gains)
            weight = np.where(known, self._weight, 0.0)
            total = weight.sum(axis=1)
            points = (np.where(known, gains, 0.0) * weight).sum(axis=1) / total
            base = (np.where(known, expected, 0.0) * weight).sum(axis=1) / total
        return points, base


def _resampled(strata: _Strata, rng: np.random.Generator, draws: int) -> Floats:
    """2 x draws: lifts, and lifts as shares of what was to be expected."""
    points, relative = [], []
    many = strata.customers
    for start in range(0, draws, _CHUNK):
        some = min(_CHUNK, draws - start)
        chosen = (np.bincount(rng.integers(0, many, many), minlength=many) for _ in range(some))
        weights = np.stack(list(chosen)).astype(np.float64)
        found, base = strata.figures(weights)
        points.append(found)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative.append(np.where(base > 0, found / base, np.nan))
    return np.vstack([np.concatenate(points), np.concatenate(relative)])
