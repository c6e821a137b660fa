"""How much more or less those who were trained asked, with its interval. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

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
Floats = npt.NDArray[np.float64]
Ends = tuple[float, float, float, float]
"""Low and high of the points, and of what is relative."""


@dataclass(frozen=True)
class TicketChange:
    """`trainings` of `topic` that could be measured; `tickets` counted on both sides, before and after.

    Means are tickets per customer in 90 days, those of the others weighed as in tickets.AROUND. `points` is how many
    more than expected a customer opened that came, `relative` the same as a share of it, with 95 % intervals;
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


def change_of(topic: str, rows: pl.DataFrame, *, seed: int = 1, draws: int = DRAWS) -> TicketChange:
    """`rows`: tickets.AROUND. The interval comes from customers drawn anew with all their rows."""
    come, stay = rows.filter("treated"), rows.filter(~pl.col("treated"))
    sums = sums_of(rows)
    total = sums.sum(axis=0)
    seats = total[0]
    means = [float(one) for one in total[1:] / seats] if seats else [None] * 4
    found = TicketChange(
        topic, rows["event_id"].n_unique(), int(rows["before"].sum()) + int(rows["after"].sum()),
        come["customer"].n_unique(), stay["customer"].n_unique(), *means,
    )  # fmt: skip
    tickets = min(come["before"].sum(), stay["before"].sum(), stay["after"].sum())
    if min(found.came, found.others) < FEWEST or tickets < FEWEST_TICKETS:
        return found
    (points,), (relative,) = _figures(total[None, :])
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


def sums_of(rows: pl.DataFrame) -> Floats:
    """Per customer: its rows that came, their tickets before and after, and those of its other rows, weighed."""
    came = pl.col("treated")
    weighed = pl.col("weight") * (~came).cast(pl.Float64)
    return (
        rows.group_by("customer", maintain_order=True)
        .agg(
            seats=came.sum().cast(pl.Float64),
            before=pl.col("before").filter(came).sum().cast(pl.Float64),
            after=pl.col("after").filter(came).sum().cast(pl.Float64),
            others_before=(pl.col("before") * weighed).sum(),
            others_after=(pl.col("after") * weighed).sum(),
        )
        .drop("customer")
        .to_numpy()
    )


def _figures(sums: Floats) -> tuple[Floats, Floats]:
    """Per row of sums as from `sums_of`: `points` and `relative`."""
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
