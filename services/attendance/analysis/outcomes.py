"""How customers took part around an event, the event itself left out: what a lift is worked out from.

An outcome is the share of the events open to a customer that it attended in a period of 90 days. Before
the event there are three periods, after it one. Counting the event itself would make every event look as
if it had worked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from services.attendance.analysis.loading import Known
from services.figures import LIFT

PERIOD_DAYS = 90
BEFORE = 3
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
_Around = tuple[npt.NDArray[np.intp], npt.NDArray[np.int64], Bools, Floats, Floats]
_NONE = pl.DataFrame(schema=LIFT | {"event_id": pl.Int64, "segment": pl.String})


def around(known: Known, event_ids: Sequence[int], today: date) -> pl.DataFrame:
    """One row per customer and event: LIFT's columns, `event_id` and `segment`.

    `stratum` is the event within segment and quarter of start. Only events with all four periods on record
    and over by `today`, and customers who were there all that time, to whom the event was open.
    """
    if known.events.is_empty() or known.customers.is_empty():
        return _NONE
    world = _World(known)
    rows = [
        found
        for place in np.flatnonzero(known.events["event_id"].is_in(list(event_ids)).to_numpy())
        if (found := world.around(int(place), today)) is not None
    ]
    if not rows:
        return _NONE
    who, event, came, was, then = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    of_each = pl.col("customer_id").alias("customer"), pl.col("segment"), cohort().alias("cohort")
    found = known.customers.select(of_each)[who].with_columns(
        pl.Series("event_id", event), pl.Series("treated", came),
        pl.Series("before", was), pl.Series("after", then),
    )  # fmt: skip
    return (
        with_strata(found)
        .select(*LIFT, "event_id", "segment")
        .with_columns(pl.col(name).cast(kind) for name, kind in LIFT.items())
    )


def with_strata(rows: pl.DataFrame) -> pl.DataFrame:
    """With `stratum`, a number from event_id, segment, cohort and treated: the event within segment and cohort;
    one in which only one side stands joins the rest of its event, whose number is below 0."""
    kind, place = ("event_id", "segment", "cohort"), pl.col("place").first()
    both = pl.col("treated").any().over(kind) & ~pl.col("treated").all().over(kind)
    named = pl.when(both).then(place.over(kind)).otherwise(-1 - place.over("event_id"))
    placed = rows.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    return placed.with_columns(stratum=named).drop("place")


def cohort() -> pl.Expr:
    """The quarter of `started_on`."""
    return pl.col("started_on").dt.truncate("1q").dt.to_string("%Y-%m")


class _World:
    """Who attended what as a matrix of customers x events, with what was open to whom."""

    def __init__(self, known: Known) -> None:
        events, customers = known.events, known.customers
        self._events = events
        self._days = events["held_on"].to_physical().to_numpy().astype(np.int64)
        self._ids = customers["customer_id"].to_numpy()
        self._open = open_to(events, customers)
        self._came = np.zeros(self._open.shape, dtype=bool)
        row = np.searchsorted(self._ids, known.seats["customer_id"].to_numpy())
        places = events.select("event_id", place=pl.int_range(pl.len()))
        column = known.seats.join(places, on="event_id", how="left", maintain_order="left")["place"]
        self._came[row, column.to_numpy()] = True
        self._came &= self._open
        self._sums = tuple(_running(side) for side in (self._open, self._came))
        self._start = customers["started_on"].to_physical().fill_null(-(2**31)).to_numpy()
        self._end = customers["churned_on"].to_physical().fill_null(2**31 - 1).to_numpy()

    def around(self, place: int, today: date) -> _Around | None:
        """Positions of customers, the event, whether they came, and their shares before and after."""
        day = int(self._days[place])
        first, last = day - BEFORE * PERIOD_DAYS, day + PERIOD_DAYS
        if last >= (today - date(1970, 1, 1)).days or self._days[0] > first + PERIOD_DAYS:
            return None
        shares = [
            self._share(place, first + n * PERIOD_DAYS, first + (n + 1) * PERIOD_DAYS)
            for n in range(BEFORE)
        ]
        after = self._share(place, day + 1, last + 1)
        before = np.mean(shares, axis=0)
        there = self._open[:, place] & (self._start <= first) & (self._end > last)
        there &= np.isfinite(before) & np.isfinite(after)
        if not there.any():
            return None
        who = np.flatnonzero(there)
        event = np.full(len(who), self._events["event_id"][place])
        return who, event, self._came[there, place], before[there], after[there]

    def _share(self, besides: int, start: int, end: int) -> Floats:
        """Per customer: attended of open, of the events from `start` up to before `end`."""
        first, last = np.searchsorted(self._days, [start, end])
        offered, came = (sums[last] - sums[first] for sums in self._sums)
        if first <= besides < last:
            offered = offered - self._open[:, besides]
            came = came - self._came[:, besides]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(offered > 0, came / offered, np.nan)


def _running(flags: Bools) -> npt.NDArray[np.signedinteger[Any]]:
    """Events x customers: how many of the events before each; one row more than there are events."""
    customers, events = flags.shape
    sums = np.zeros((events + 1, customers), dtype=np.min_scalar_type(-events - 1))
    np.cumsum(flags.T, axis=0, dtype=sums.dtype, out=sums[1:])
    return sums


def open_to(events: pl.DataFrame, customers: pl.DataFrame) -> Bools:
    """Customers x events: no audience, or an empty one, admits everybody. What was for a few has nobody
    to be compared with, and is left out."""
    found = np.ones((customers.height, events.height), dtype=bool)
    for place, (segments, regions) in enumerate(events.select("segments", "regions").iter_rows()):
        for wanted, name in ((segments, "segment"), (regions, "region")):
            if wanted:
                found[:, place] &= customers[name].is_in(wanted).fill_null(value=False).to_numpy()
    found[:, events["only"].is_not_null().to_numpy()] = False
    return found
