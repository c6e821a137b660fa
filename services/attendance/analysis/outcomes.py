"""How customers took part around an event, the event itself left out: what a lift is worked out from.

An outcome is the share of the events open to a customer that it attended in a period of 90 days. Before
the event there are three periods, after it one. Counting the event itself would make every event look as
if it had worked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from services.attendance.analysis.loading import Known
from services.figures import LIFT

PERIOD_DAYS = 90
BEFORE = 3
ALWAYS, NEVER = -(2**31), 2**31 - 1
"""Days since 1970 for customers without a start or an end on record."""
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
_NONE = pl.DataFrame(schema=LIFT | {"event_id": pl.Int64, "segment": pl.String})


@dataclass(frozen=True)
class Around:
    """One event. `who`: positions of the customers compared; `before` and `after` their outcomes.

    `stratum` is the customer's group (segment and quarter of start), or the number of groups where only
    one side stands in it: these are together the rest of the event.
    """

    event_id: int
    who: Places
    came: Bools
    before: Floats
    after: Floats
    stratum: Places


def around(known: Known, event_ids: Sequence[int], today: date) -> pl.DataFrame:
    """One row per customer and event: LIFT's columns, `event_id` and `segment`.

    `stratum` is the event within segment and quarter of start. Only events with all four periods on record
    and over by `today`, and customers who were there all that time, to whom the event was open.
    """
    world = World(known)
    found = list(world.each(event_ids, today))
    if not found:
        return _NONE
    who = np.concatenate([one.who for one in found])
    sizes = [len(one.who) for one in found]
    first = np.repeat(np.arange(len(found)) * (world.groups + 1), sizes)
    return (
        known.customers.select(pl.col("customer_id").alias("customer"), "segment")[who]
        .with_columns(
            stratum=pl.Series(first + np.concatenate([one.stratum for one in found])),
            treated=pl.Series(np.concatenate([one.came for one in found])),
            before=pl.Series(np.concatenate([one.before for one in found])),
            after=pl.Series(np.concatenate([one.after for one in found])),
            event_id=pl.Series(np.repeat([one.event_id for one in found], sizes)),
        )
        .select(*(pl.col(name).cast(kind) for name, kind in LIFT.items()), "event_id", "segment")
    )


class World:
    """Who attended what as a matrix of customers x events, with what was open to whom."""

    def __init__(self, known: Known) -> None:
        events, customers = known.events, known.customers
        self._ids = events["event_id"].to_numpy()
        self._days = events["held_on"].to_physical().to_numpy().astype(np.int64)
        self.group = groups_of(customers)
        self.groups = int(self.group.max(initial=-1)) + 1
        self.start, self.end = stays(customers)
        self._open = open_to(events, customers)
        self._came = np.zeros_like(self._open)
        row = np.searchsorted(
            customers["customer_id"].to_numpy(), known.seats["customer_id"].to_numpy()
        )
        places = events.select("event_id", place=pl.int_range(pl.len()))
        column = known.seats.join(places, on="event_id", how="left", maintain_order="left")["place"]
        self._came[row, column.to_numpy()] = True
        self._came &= self._open
        self._sums = tuple(_running(side) for side in (self._open, self._came))

    def each(self, event_ids: Sequence[int], today: date) -> Iterator[Around]:
        """Those of the events that can be measured."""
        for place in np.flatnonzero(np.isin(self._ids, list(event_ids))):
            found = self._around(int(place), (today - date(1970, 1, 1)).days)
            if found is not None:
                yield found

    def _around(self, place: int, today: int) -> Around | None:
        day = int(self._days[place])
        first, last = day - BEFORE * PERIOD_DAYS, day + PERIOD_DAYS
        if last >= today or self._days[0] > first + PERIOD_DAYS:
            return None
        shares = [
            self._share(place, first + n * PERIOD_DAYS, first + (n + 1) * PERIOD_DAYS)
            for n in range(BEFORE)
        ]
        after = self._share(place, day + 1, last + 1)
        before = sum(shares[1:], start=shares[0]) / BEFORE
        there = self._open[:, place] & (self.start <= first) & (self.end > last)
        there &= np.isfinite(before) & np.isfinite(after)
        who = np.flatnonzero(there)
        if not len(who):
            return None
        came = self._came[who, place]
        stratum = strata(self.group[who], came, self.groups)
        return Around(int(self._ids[place]), who, came, before[who], after[who], stratum)

    def _share(self, besides: int, start: int, end: int) -> Floats:
        """Per customer: attended of open, of the events from `start` up to before `end`."""
        first, last = np.searchsorted(self._days, [start, end])
        offered, came = (sums[last] - sums[first] for sums in self._sums)
        if first <= besides < last:
            offered = offered - self._open[:, besides]
            came = came - self._came[:, besides]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(came, offered, dtype=np.float64)


def strata(group: Places, came: Bools, groups: int) -> Places:
    """The group of each row where some of it came and some did not, else `groups`."""
    sides = np.bincount(group * 2 + came, minlength=2 * groups).reshape(groups, 2)
    return np.where((sides.min(axis=1) > 0)[group], group, groups)


def groups_of(customers: pl.DataFrame) -> Places:
    """Per customer a number, the same for the same segment and quarter of start."""
    quarter = pl.col("started_on").dt.truncate("1q").to_physical()
    ranks = customers.select(
        pl.col("segment").rank("dense").fill_null(0).cast(pl.Int64),
        quarter=quarter.rank("dense").fill_null(0).cast(pl.Int64),
    ).to_numpy()
    return np.unique(ranks, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def stays(customers: pl.DataFrame) -> tuple[Places, Places]:
    """Per customer its first day and the one on which it left, as days since 1970."""
    start, end = (
        customers[name].to_physical().cast(pl.Int64).fill_null(blank).to_numpy()
        for name, blank in (("started_on", ALWAYS), ("churned_on", NEVER))
    )
    return start, end


def _running(flags: Bools) -> npt.NDArray[np.signedinteger[Any]]:
    """Events x customers: how many of the events before each; one row more than there are events."""
    customers, events = flags.shape
    sums = np.zeros((events + 1, customers), dtype=np.min_scalar_type(-events - 1))
    for place, event in enumerate(
        flags.T
    ):  # numpy's own cumsum takes ten times as long to widen truths
        np.add(sums[place], event, out=sums[place + 1])
    return sums


def open_to(events: pl.DataFrame, customers: pl.DataFrame) -> Bools:
    """Customers x events, an event after the other: no audience, or an empty one, admits everybody. What was
    for a few has nobody to be compared with, and is left out."""
    found = np.ones((customers.height, events.height), dtype=bool, order="F")
    for audience, name in (("segments", "segment"), ("regions", "region")):
        asked = events.select(audience, place=pl.int_range(pl.len())).filter(
            pl.col(audience).list.len() > 0
        )
        for (wanted,), some in asked.group_by(audience):
            admitted = customers[name].is_in(wanted).fill_null(value=False).to_numpy()
            found[:, some["place"].to_numpy()] &= admitted[:, None]
    found[:, events["only"].is_not_null().to_numpy()] = False
    return found
