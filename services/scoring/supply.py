"""What was on offer: the events of the window, and which of them each customer could attend.

An event is eligible for a customer when it was held in the window, was open to the customer's
segment and region, and was not before the customer's start date. Customers that share segment and
region share a row of `Supply.open`; `first` then cuts off what lay before each one's start. Any sum
over a customer's eligible events is one look-up in a sum taken from the end (`from_the_end`).

Who has finished a course later than in its own month had it on offer then (services.scoring.courses): such
customers have a row of their own, without the course itself.

A private event, such as a call, is on offer to the customers it names and to nobody else: those are few
pairs, kept beside `open`. It says nothing of how a customer follows the events for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WINDOW_DAYS = 365
EPOCH = date(1970, 1, 1)
ONLY = pl.List(pl.Int64)


@dataclass(frozen=True)
class Supply:
    """Events in order of day and id, customers in the order they were given."""

    as_of: date
    events: pl.DataFrame
    customers: pl.DataFrame
    days: Ints
    """Per event: days since 1970-01-01."""
    open: Bools
    """Group of customers x event."""
    group: Ints
    """Per customer: its row of `open`."""
    first: Ints
    """Per customer: position of the first event not before its start date."""
    private: Bools
    """Per event: on offer to the `asked` alone."""
    asked: tuple[Ints, Ints]
    """Customers and private events, position by position, each pair once."""

    @property
    def today(self) -> int:
        return (self.as_of - EPOCH).days

    def eligible(self, customer: Ints, event: Ints) -> Bools:
        asked = _codes(*self.asked, len(self.events))
        named = np.isin(_codes(customer, event, len(self.events)), asked)
        return (self.open[self.group[customer], event] | named) & (event >= self.first[customer])

    def total(self, per_event: npt.NDArray[np.generic], start: Ints | None = None) -> Floats:
        """Sum of `per_event` over each customer's eligible events, from position `start` on."""
        sums = from_the_end(np.where(self.open, per_event, 0.0))
        begin = self.first if start is None else np.maximum(start, self.first)
        customer, event = self._asked_from(begin)
        here = np.bincount(customer, weights=per_event[event], minlength=len(self.group))
        return sums[self.group, begin] + here

    def kinds(self, kind: Ints, count: int) -> Bools:
        """Customer x kind: was at least one eligible event of that kind (a type, a month)?"""
        last = np.full((len(self.open), count), -1)
        for number in range(count):
            of_kind = self.open & (kind == number)
            last[:, number] = _last_true(of_kind)
        found = last[self.group] >= self.first[:, None]
        customer, event = self._asked_from(self.first)
        found[customer, kind[event]] = True
        return found

    def last(self) -> Ints:
        """Per customer: position of its last eligible event, -1 when there is none."""
        last = _last_true(self.open)[self.group]
        last = np.where(last >= self.first, last, -1)
        customer, event = self._asked_from(self.first)
        np.maximum.at(last, customer, event)
        return last

    def _asked_from(self, begin: Ints) -> tuple[Ints, Ints]:
        """The private events of each customer from its position `begin` on."""
        customer, event = self.asked
        later = event >= begin[customer]
        return customer[later], event[later]


def _codes(customer: Ints, event: Ints, events: int) -> Ints:
    return customer.astype(np.int64) * max(events, 1) + event


def supply_of(
    events: pl.DataFrame, customers: pl.DataFrame, as_of: date, *, days: int = WINDOW_DAYS
) -> Supply:
    """The events of the `days` that end with `as_of`, laid against the customers.

    events: `only` List(Int64), where it is given, names the customers of a private event (null: it is
    for everybody its segments and regions admit).
    """
    held = (
        events.filter(pl.col("held_on") > as_of - timedelta(days=days), pl.col("held_on") <= as_of)
        .sort("held_on", "event_id")
        .with_columns(pl.col("type").fill_null("other"))
    )
    held_on = held["held_on"].to_physical().to_numpy().astype(np.int64)
    starts = customers["started_on"].to_physical().fill_null(-(2**31)).to_numpy()
    groups = customers.select(
        pl.col("segment").rank("dense").fill_null(0).cast(pl.Int64),
        pl.col("region").rank("dense").fill_null(0).cast(pl.Int64),
    )
    excused = _excused(held, customers["customer_id"])
    pair = groups["segment"].to_numpy() * (len(customers) + 1) + groups["region"].to_numpy()
    pair = np.column_stack([pair, _sets_of(excused, len(customers))])
    _, example, group = np.unique(pair, axis=0, return_index=True, return_inverse=True)
    examples = customers[example.astype(np.uint32)]
    may_come = _admitted(held["segments"], examples["segment"])
    may_come &= _admitted(held["regions"], examples["region"])
    only = held["only"] if "only" in held.columns else pl.Series([None] * len(held), dtype=ONLY)
    private = only.is_not_null().to_numpy()
    may_come &= ~private
    rows, columns = _matching(example, excused)
    may_come[rows, columns] = False
    asked = _asked(only, customers["customer_id"])
    spared = np.isin(_codes(*asked, len(held)), _codes(*excused, len(held)))
    return Supply(
        as_of=as_of,
        events=held,
        customers=customers,
        days=held_on,
        open=may_come,
        group=group.ravel().astype(np.int64),
        first=np.searchsorted(held_on, starts, side="left").astype(np.int64),
        private=private,
        asked=(asked[0][~spared], asked[1][~spared]),
    )


def _asked(only: pl.Series, customers: pl.Series) -> tuple[Ints, Ints]:
    named = pl.DataFrame({"event": np.arange(len(only)), "customer_id": only.cast(ONLY)})
    holders = customers.to_frame().with_columns(c=pl.int_range(pl.len(), dtype=pl.Int64))
    pairs = (
        named.drop_nulls()
        .explode("customer_id")
        .unique()
        .join(holders, on="customer_id")
        .sort("c", "event")
    )
    return pairs["c"].to_numpy(), pairs["event"].to_numpy().astype(np.int64)


def _excused(held: pl.DataFrame, customers: pl.Series) -> tuple[Ints, Ints]:
    """Customers and the courses among the events that they finished later, position by position."""
    nobody = np.zeros(0, np.int64)
    if "excused" not in held.columns or held["excused"].null_count() == held.height:
        return nobody, nobody
    places = held.select(course="event_id", event=pl.int_range(pl.len(), dtype=pl.Int64))
    holders = customers.to_frame("customer_id").with_columns(c=pl.int_range(pl.len()))
    pairs = (
        held.select("course", customer_id="excused")
        .drop_nulls()
        .explode("customer_id")
        .join(places, on="course")
        .join(holders, on="customer_id")
        .select("c", "event")
        .unique()
        .sort("c", "event")
    )
    return pairs["c"].to_numpy().astype(np.int64), pairs["event"].to_numpy().astype(np.int64)


def _sets_of(pairs: tuple[Ints, Ints], customers: int) -> Ints:
    """Per customer a number that those with the same events among its pairs share; 0 without any."""
    sets = np.zeros(customers, np.int64)
    if len(pairs[0]):
        frame = pl.DataFrame({"c": pairs[0], "event": pairs[1]})
        spelled = frame.group_by("c").agg(pl.col("event").cast(pl.Utf8).str.join(","))
        sets[spelled["c"].to_numpy()] = spelled["event"].rank("dense").to_numpy()
    return sets


def _matching(examples: Ints, pairs: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """For each pair of an example, its place among the examples, and its event."""
    place = np.full(max(pairs[0].max(initial=-1), examples.max(initial=-1)) + 1, -1)
    place[examples] = np.arange(len(examples))
    found = place[pairs[0]] >= 0
    return place[pairs[0]][found], pairs[1][found]


def _admitted(audiences: pl.Series, own: pl.Series) -> Bools:
    """Group x event. No audience, or an empty one, admits everyone; a missing value only fits those."""
    everyone = (audiences.is_null() | (audiences.list.len() == 0)).to_numpy()
    admitted = np.tile(everyone, (len(own), 1))
    named = pl.DataFrame(
        {"event": np.arange(len(audiences)), "name": audiences.cast(pl.List(pl.Utf8))}
    ).explode("name")
    holders = pl.DataFrame({"group": np.arange(len(own)), "name": own.cast(pl.Utf8)})
    pairs = named.drop_nulls().join(holders.drop_nulls(), on="name")
    admitted[pairs["group"].to_numpy(), pairs["event"].to_numpy()] = True
    return admitted


def from_the_end(values: npt.NDArray[np.generic]) -> Floats:
    """Column j holds the sum of columns j and later; one more column of zeros closes it."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    sums[:, :-1] = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    return sums


def _last_true(rows: Bools) -> Ints:
    if rows.shape[1] == 0:
        return np.full(rows.shape[0], -1)
    last = rows.shape[1] - 1 - np.argmax(rows[:, ::-1], axis=1)
    return np.where(rows.any(axis=1), last, -1).astype(np.int64)
