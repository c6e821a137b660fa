"""Is a customer coming less than its own past and the pull of the events would lead one to expect?

The expected seats at an event are how many the other active customers filled there on average,
times how this customer compared with them more than 90 days ago. One customer that fills a hall
says nothing of the others, so of each only so many seats count as are usual there. Shortfalls are
summed with weights that halve about every two months and set against the spread they would have by
chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from services.scoring.facts import Attended, attended_rows
from services.scoring.supply import Bools, Floats, Ints, Supply, supply_of

MEMORY_DAYS = 90
BASELINE_DAYS = 90
FLOOR = 0.02
SEAT_SPREAD, SEAT_NOISE = 0.5, 0.3
ATTENDED_NOISE = 0.15
ATTENDED_RANGE = (0.02, 0.95)
DECLINING, RISING = 1.2, -1.2
NEW_BELOW = 6
MANY_SEATS, TIMES_USUAL = 10, 5
"""Of one customer so many seats count at an event, or so many times the median of those who came."""
FEW_CUSTOMERS = 3
"""Below which nobody knows what is usual at an event."""
CHUNK = 512


@dataclass(frozen=True)
class Trend:
    """Per customer. `z` is NaN where nothing was attended; positive means fewer than expected."""

    z: Floats
    expected: Floats
    actual: Floats
    """Seats, recent events counting most."""
    by_seats: Floats
    by_coming: Floats
    """The two shortfalls that `z` is the mean of: in seats, and in coming at all."""


def event_popularity(
    attendances: pl.DataFrame, events: pl.DataFrame, customers: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """How full each event of the window was: what other customers' trends are measured against.

    One row per event: event_id Int64, seats (of each customer up to `most`), most, attenders
    (customers with a seat), active (customers for whom it was eligible and who attended something
    in the window), all Int64. Needs the attendances of all customers; the frames are those of
    `score_customers`.
    """
    supply = supply_of(events, customers, as_of)
    seats = attendances.select("customer_id", "event_id")
    rows = attended_rows(seats, supply).eligible
    return popularity_of(rows.group_by("c", "e").agg(seats=pl.len()), supply)


def popularity_of(pairs: pl.DataFrame, supply: Supply) -> pl.DataFrame:
    """`pairs`: c and e (positions in `supply`) and their `seats`, each pair once."""
    usual = pl.col("seats").quantile(0.5, "lower").cast(pl.Int64)
    known = pl.when(pl.len() >= FEW_CUSTOMERS).then(TIMES_USUAL * usual)
    most = pl.max_horizontal(pl.lit(MANY_SEATS, pl.Int64), known)
    per_event = pairs.group_by("e").agg(
        most=most,
        seats=pl.min_horizontal(pl.col("seats").cast(pl.Int64), most).sum(),
        attenders=pl.len().cast(pl.Int64),
    )
    here = supply.events.select("event_id", e=pl.int_range(pl.len(), dtype=pl.Int64))
    return (
        here.with_columns(active=pl.Series(_active(pairs, supply)))
        .join(
            per_event.with_columns(pl.col("e").cast(pl.Int64)),
            on="e", how="left", maintain_order="left",
        )
        .select(
            "event_id",
            pl.col("seats").fill_null(0),
            pl.col("most").fill_null(MANY_SEATS),
            pl.col("attenders").fill_null(0),
            "active",
        )
    )  # fmt: skip


def _active(rows: pl.DataFrame, supply: Supply) -> Ints:
    seen = rows.filter(~pl.Series(supply.private[rows["e"].to_numpy()], dtype=pl.Boolean))
    active = seen["c"].unique().to_numpy()
    events = len(supply.events)
    arrivals = np.zeros((len(supply.open), events + 1), dtype=np.int64)
    np.add.at(arrivals, (supply.group[active], supply.first[active]), 1)
    present = np.cumsum(arrivals, axis=1)[:, :events]
    return np.where(supply.open, present, 0).sum(axis=0)


@dataclass(frozen=True)
class _Pull:
    """What others did per event, for one measure (seats, or came at all)."""

    missed: Floats
    """Per event: the others' mean when this customer did not come."""
    came: Floats
    """Per attended pair: the others' mean there."""
    own: Floats
    """Per attended pair: this customer's value."""


def trends(attended: Attended, supply: Supply, popularity: pl.DataFrame) -> Trend:
    """`popularity` as from `event_popularity`, for (at least) the events of `supply`."""
    known = supply.events.select("event_id").join(
        popularity, on="event_id", how="left", maintain_order="left"
    )
    others = np.maximum(known["active"].fill_null(0).to_numpy() - 1.0, 1.0)
    seats = known["seats"].fill_null(0).to_numpy()
    most = known["most"].fill_null(MANY_SEATS).to_numpy()[attended.event]
    attenders = known["attenders"].fill_null(0).to_numpy()
    ago = supply.today - supply.days
    # What was for a few customers says nothing of how they follow the events for everybody.
    fading = np.where(supply.private, 0.0, np.exp(-ago / MEMORY_DAYS))
    old = np.where(supply.private, 0.0, ago >= BASELINE_DAYS)

    ones = np.ones(len(attended.event))
    at_seats = _pull(seats, others, attended, own=attended.seats, most=most)
    at_all = _pull(attenders, others, attended, own=ones, most=ones)
    by_seats, expected, actual = _seat_shortfall(at_seats, attended, supply, fading, old)
    by_coming = _coming_shortfall(at_all, attended, supply, fading, old)
    open_ones = attended.customer[~supply.private[attended.event]]
    came = np.bincount(open_ones, minlength=len(supply.customers)) > 0
    z = np.where(came, (by_seats + by_coming) / 2, np.nan)
    return Trend(z, expected, actual, by_seats, by_coming)


def labels(z: Floats, eligible: Ints) -> pl.Series:
    """`rising`, `stable`, `declining`, or `new` where fewer than six events were eligible."""
    moving = np.where(z >= DECLINING, "declining", np.where(z <= RISING, "rising", "stable"))
    return pl.Series("trend", np.where(eligible < NEW_BELOW, "new", moving), dtype=pl.Utf8)


def _pull(
    totals: Ints, others: Floats, attended: Attended, *, own: Floats, most: npt.NDArray[np.generic]
) -> _Pull:
    """`most`: how much of `own` the totals hold, at the most."""
    event = attended.event
    rest = np.maximum(totals[event] - np.minimum(own, most), 0.0)
    return _Pull(totals / others + FLOOR, rest / others[event] + FLOOR, own)


def _sum(pull: _Pull, power: int, weight: Floats, attended: Attended, supply: Supply) -> Floats:
    """Sum over each customer's eligible events of weight x (the others' mean) ** power."""
    e, customers = attended.event, len(supply.customers)
    change = weight[e] * (pull.came**power - pull.missed[e] ** power)
    here = np.bincount(attended.customer, weights=change, minlength=customers)
    return supply.total(weight * pull.missed**power) + here


def _own(pull: _Pull, weight: Floats, attended: Attended, supply: Supply) -> Floats:
    here = np.zeros(len(supply.customers))
    np.add.at(here, attended.customer, weight[attended.event] * pull.own)
    return here


def _against_others(pull: _Pull, old: Floats, attended: Attended, supply: Supply) -> Floats:
    """Own level over the others' before the last 90 days, drawn towards 1 by one seat."""
    mine = _own(pull, old, attended, supply)
    theirs = _sum(pull, 1, old, attended, supply)
    return (mine + 1) / (theirs + 1)


def _seat_shortfall(
    pull: _Pull, attended: Attended, supply: Supply, fading: Floats, old: Floats
) -> tuple[Floats, Floats, Floats]:
    level = _against_others(pull, old, attended, supply)
    expected = level * _sum(pull, 1, fading, attended, supply)
    actual = _own(pull, fading, attended, supply)
    spread = level * _sum(pull, 1, fading**2, attended, supply)
    spread += SEAT_SPREAD * level**2 * _sum(pull, 2, fading**2, attended, supply)
    return (expected - actual) / np.sqrt(spread + SEAT_NOISE), expected, actual


def _coming_shortfall(
    pull: _Pull, attended: Attended, supply: Supply, fading: Floats, old: Floats
) -> Floats:
    """As for seats, for came or not: a chance, so it is clipped and its spread is p (1 - p)."""
    level = _against_others(pull, old, attended, supply)
    c, e, customers = attended.customer, attended.event, len(supply.customers)
    expected, spread = _missed_everything(pull.missed, level, supply, fading)
    if_missed = np.clip(level[c] * pull.missed[e], *ATTENDED_RANGE)
    chance = np.clip(level[c] * pull.came, *ATTENDED_RANGE)
    change = fading[e] * (chance - if_missed)
    expected = expected + np.bincount(c, weights=change, minlength=customers)
    change = fading[e] ** 2 * (chance * (1 - chance) - if_missed * (1 - if_missed))
    spread = spread + np.bincount(c, weights=change, minlength=customers)
    actual = _own(pull, fading, attended, supply)
    return (expected - actual) / np.sqrt(np.maximum(spread, 0.0) + ATTENDED_NOISE)


def _missed_everything(
    missed: Floats, level: Floats, supply: Supply, fading: Floats
) -> tuple[Floats, Floats]:
    """Expected attendance and its spread as if every eligible event had been missed.

    Clipping makes each customer's chances its own, so this is the one step that looks at every
    customer and event; it goes in chunks that stay in the processor's cache.
    """
    expected, spread = np.zeros(len(level)), np.zeros(len(level))
    for group, open_to in enumerate(supply.open):
        events = np.flatnonzero(open_to)
        members = np.flatnonzero(supply.group == group)
        for start in range(0, len(members), CHUNK):
            some = members[start : start + CHUNK]
            chance = np.clip(np.outer(level[some], missed[events]), *ATTENDED_RANGE)
            _close(chance, events < supply.first[some].max(), supply.first[some], events)
            # Row by row: a product of matrices has every core's thread wait for the others, at their full speed.
            expected[some] = np.vecdot(chance, fading[events])
            chance -= chance * chance
            spread[some] = np.vecdot(chance, fading[events] ** 2)
    return expected, spread


def _close(chance: Floats, early: Bools, first: Ints, events: Ints) -> None:
    """No chance at events before a customer's start; only the early columns need a look."""
    columns = int(early.sum())
    if columns:
        chance[:, :columns][events[:columns] < first[:, None]] = 0.0
