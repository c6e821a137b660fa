"""The lift of all events, of each type, of each segment and of the trainings, from one walk through the events.

For a large portfolio the rows behind a lift are millions. Its points and its spread need only sums within
each stratum, so each event is added up by itself and let go; what `figures.lift_of` says of the rows comes to
the same. Where a lift is of so few customers that it draws them anew, their rows are made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np
import polars as pl

from services.attendance.analysis.loading import Known
from services.attendance.analysis.outcomes import Around, Bools, World, around
from services.attendance.analysis.sums import Sums, total
from services.attendance.analysis.training import TYPES
from services.figures import MANY, Lift, lift_of

NO_SEGMENT = "No segment"
T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Lifts:
    """`measured`: events with 90 days after them and 270 before on record. `segments` has NO_SEGMENT too."""

    measured: int
    whole: Lift
    types: Mapping[str, Lift]
    segments: Mapping[str, Lift]
    training: Lift


def lifts(known: Known, event_ids: Sequence[int], today: date) -> Lifts:
    """Of these events, for every type among them and every segment there is."""
    types = dict(
        known.events.filter(pl.col("event_id").is_in(list(event_ids)))
        .select("event_id", "type")
        .iter_rows()
    )
    if known.customers.height <= MANY:
        return _from_rows(known, types, today)
    return _from_sums(known, types, today)


def _from_rows(known: Known, types: Mapping[int, str], today: date) -> Lifts:
    rows = around(known, list(types), today).with_columns(
        pl.col("segment").fill_null(NO_SEGMENT),
        type=pl.col("event_id").replace_strict(types, default=None, return_dtype=pl.String),
    )
    return Lifts(
        rows["event_id"].n_unique(),
        lift_of(rows),
        {kind: lift_of(rows.filter(type=kind)) for kind in set(types.values())},
        {name: lift_of(rows.filter(segment=name)) for name in _segments(known).unique()},
        lift_of(rows.filter(pl.col("type").is_in(TYPES))),
    )


def _from_sums(known: Known, types: Mapping[int, str], today: date) -> Lifts:
    world, measured = World(known), 0
    names = _segments(known)
    members = {name: (names == name).to_numpy() for name in names.unique()}
    size = known.customers.height
    of_type: dict[str, Sums] = defaultdict(lambda: Sums(size))
    of_segment = {name: Sums(size) for name in members}
    for one in world.each(list(types), today):
        measured += 1
        of_type[types[one.event_id]].add(one, world.groups)
        for name, who in members.items():
            of_segment[name].add(_only(one, who), world.groups)

    def of(sums: Sums, kinds: Sequence[str], some: Known = known) -> Lift:
        if sums.customers > MANY:
            return sums.lift()
        ids = [number for number, kind in types.items() if kind in kinds]
        return lift_of(around(some, ids, today))

    every = tuple(of_type)
    training = [kind for kind in every if kind in TYPES]
    return Lifts(
        measured,
        of(total(of_type.values(), size), every),
        {kind: of(of_type[kind], [kind]) for kind in set(types.values())},
        {name: of(sums, every, _within(known, members[name])) for name, sums in of_segment.items()},
        of(total((of_type[kind] for kind in training), size), training),
    )


def whole(known: Known, event_ids: Sequence[int], today: date) -> tuple[int, Lift]:
    """How many of these events are measured, and the lift of them all: without that of any part."""
    size = known.customers.height
    if size > MANY:
        world, sums, measured = World(known), Sums(size), 0
        for one in world.each(event_ids, today):
            measured += 1
            sums.add(one, world.groups)
        if sums.customers > MANY:
            return measured, sums.lift()
    rows = around(known, event_ids, today)
    return rows["event_id"].n_unique(), lift_of(rows)


def by_group(known: Known, groups: Mapping[int, T], today: date) -> dict[T, Lift]:
    """The lift of each group of events. `groups` names that of each event; those of which no event can be
    measured are missing."""
    if known.customers.height > MANY:
        return _groups_from_sums(known, groups, today)
    rows = around(known, list(groups), today)
    found: dict[T, list[int]] = defaultdict(list)
    for number in rows["event_id"].unique().sort():
        found[groups[number]].append(number)
    return {
        name: lift_of(rows.filter(pl.col("event_id").is_in(ids))) for name, ids in found.items()
    }


def _groups_from_sums(known: Known, groups: Mapping[int, T], today: date) -> dict[T, Lift]:
    world = World(known)
    sums: dict[T, Sums] = defaultdict(lambda: Sums(known.customers.height))
    for one in world.each(list(groups), today):
        sums[groups[one.event_id]].add(one, world.groups)
    return {name: some.lift() for name, some in sums.items()}


def _segments(known: Known) -> pl.Series:
    return known.customers["segment"].fill_null(NO_SEGMENT)


def _within(known: Known, members: Bools) -> Known:
    customers = known.customers.filter(pl.Series(members))
    seats = known.seats.join(customers.select("customer_id"), on="customer_id", how="semi")
    return replace(known, customers=customers, seats=seats)


def _only(one: Around, members: Bools) -> Around:
    here = np.flatnonzero(members[one.who])
    return Around(
        one.event_id, one.who[here], one.came[here], one.before[here], one.after[here],
        one.stratum[here],
    )  # fmt: skip
