"""Who is compared with whom around a training, and what each asked support on its topic. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from services.attendance.analysis.loading import Known
from services.attendance.analysis.outcomes import (
    Bools,
    Places,
    groups_of,
    open_to,
    stays,
    strata,
)
from services.attendance.analysis.ticket_change import Compared
from services.attendance.analysis.trained import Desk, topics_in

WINDOW = timedelta(days=90)


class AroundTrainings:
    """Who is compared around each training, event by event, as columns of customers."""

    def __init__(self, known: Known, asked: pl.DataFrame, support: Desk) -> None:
        self._known, self._support = known, support
        self._asked = asked
        self._group = groups_of(known.customers)
        self._groups = int(self._group.max(initial=-1)) + 1
        self._start, self._end = stays(known.customers)
        places = known.customers.select("customer_id", place=pl.int_range(pl.len()))
        # Those of other segments are not among the customers.
        seats = known.seats.join(asked.select("event_id"), on="event_id", how="semi")
        self._seats = _by_key(seats.join(places, on="customer_id"), "event_id")
        tickets = support.tickets.join(places, on="customer_id").sort("opened_on")
        self._tickets = {
            key: (some["opened_on"].to_physical().to_numpy(), some["place"].to_numpy())
            for (key,), some in tickets.group_by("key", maintain_order=True)
        }

    def each(self, today: date) -> Iterator[Compared]:
        """The trainings that can be measured, the earliest first."""
        ready = self._asked.filter("asked", pl.col("key") != "").filter(
            _covered(self._support, today)
        )
        ready = ready.join(self._known.events.select("event_id"), on="event_id", how="semi")
        held = self._known.events.join(ready, on="event_id", how="semi")
        opened = open_to(held, self._known.customers)
        column = {number: place for place, number in enumerate(held["event_id"])}
        alike = _by_key(_alike(self._asked), "like", ("event_id", "day"))
        for number, key, topic, day in ready.sort("held_on", "event_id").select(
            "event_id", "key", "topic", pl.col("held_on").to_physical()
        ).iter_rows():  # fmt: skip
            events, days = alike[key]
            near = (abs(days - day) <= WINDOW.days) & (events != number)
            who = opened[:, column[number]] & (self._start <= day - WINDOW.days)
            who &= self._end > day + WINDOW.days
            found = self._around(number, events[near & (days < day)], events[near], who)
            counted = self._counted(number, (key, topic), day, found)
            if len(counted.who):
                yield counted

    def _around(
        self, number: int, earlier: Places, near: Places, who: Bools
    ) -> tuple[Places, Bools, Places]:
        """Positions of those compared, whether they came, and the stratum."""
        came = self._mark([number])
        who = who & ~self._mark(earlier) & (came | ~self._mark(near))
        here = np.flatnonzero(who)
        return here, came[here], strata(self._group[here], came[here], self._groups)

    def _mark(self, events: Iterable[int]) -> Bools:
        """Who was at any of them."""
        found = np.zeros(len(self._group), dtype=bool)
        for number in events:
            if number in self._seats:
                found[self._seats[number][0]] = True
        return found

    def _counted(
        self, number: int, about: tuple[str, str], day: int, found: tuple[Places, Bools, Places]
    ) -> Compared:
        who, came, stratum = found
        sides = np.bincount(stratum * 2 + came, minlength=2 * self._groups + 2).reshape(-1, 2)
        kept = (sides.min(axis=1) > 0)[stratum]
        ratio = sides[:, 1] / np.maximum(sides[:, 0], 1)
        weight = np.where(came, 1.0, ratio[stratum])[kept]
        days, whose = self._tickets.get(about[0], (_NOBODY, _NOBODY))
        ends = np.searchsorted(days, [day - WINDOW.days, day, day + 1, day + WINDOW.days + 1])
        size = len(self._group)
        before = np.bincount(whose[ends[0] : ends[1]], minlength=size)
        after = np.bincount(whose[ends[2] : ends[3]], minlength=size)
        who = who[kept]
        return Compared(number, *about, who, came[kept], before[who], after[who], weight)


_NOBODY: Places = np.zeros(0, dtype=np.int64)


def _by_key(
    rows: pl.DataFrame, key: str, columns: Sequence[str] = ("place",)
) -> dict[Any, tuple[Places, ...]]:
    return {
        value: tuple(some[name].to_numpy() for name in columns)
        for (value,), some in rows.group_by(key)
    }


def _covered(support: Desk, today: date) -> pl.Expr:
    """Before the first ticket and after the last one nobody knows whether there were none."""
    if support.first is None or support.last is None:
        return pl.lit(value=False)
    start, end = pl.col("held_on") - WINDOW, pl.col("held_on") + WINDOW
    return (end < today) & (start >= support.first) & (end <= support.last)


def _alike(asked: pl.DataFrame) -> pl.DataFrame:
    """event_id, day, key and `like`: each training with every key that it shares a topic with."""
    keys = asked["key"].unique().sort().to_list()
    pairs = [(a, b) for a in keys for b in keys if topics_in(a) & topics_in(b)]
    found = pl.DataFrame(pairs, schema={"key": pl.String, "like": pl.String}, orient="row")
    days = asked.select("event_id", "key", day=pl.col("held_on").to_physical().cast(pl.Int64))
    return days.join(found, on="key")
