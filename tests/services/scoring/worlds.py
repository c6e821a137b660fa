"""Small invented worlds: by Hypothesis, or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from services.scoring.score import score_customers
from services.scoring.weights import WeightBook
from tests.services.scoring.reference import Row, World

AS_OF = date(2025, 12, 31)
BOOK = WeightBook()
SEGMENTS, REGIONS = ("enterprise", "small"), ("EMEA", "AMER")
TYPES = ("webinar", "training", "conference")

ATTENDANCES = {
    "customer_id": pl.Int64,
    "event_id": pl.Int64,
    "participant_id": pl.Int64,
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
}
EVENTS = {
    "event_id": pl.Int64,
    "held_on": pl.Date,
    "type": pl.Utf8,
    "scheduled_minutes": pl.Float32,
    "polls_asked": pl.Int32,
    "segments": pl.List(pl.Utf8),
    "regions": pl.List(pl.Utf8),
    "only": pl.List(pl.Int64),
}
CUSTOMERS = {
    "customer_id": pl.Int64,
    "segment": pl.Utf8,
    "region": pl.Utf8,
    "started_on": pl.Date,
}


def frames(world: World) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return (
        pl.DataFrame(world.attendances, schema=ATTENDANCES, orient="row"),
        pl.DataFrame(world.events, schema=EVENTS, orient="row"),
        pl.DataFrame(world.customers, schema=CUSTOMERS, orient="row"),
    )


def board(
    world: World, *, book: WeightBook = BOOK, as_of: date | None = None, only: Any = None
) -> pl.DataFrame:
    wanted = None if only is None else pl.Series(only, dtype=pl.Int64)
    return score_customers(*frames(world), weights=book, as_of=as_of or world.as_of, only=wanted)


def one(world: World, customer_id: int = 1, **changes: Any) -> dict[str, Any]:
    """The row of one customer."""
    return board(world, **changes).row(
        by_predicate=pl.col("customer_id") == customer_id, named=True
    )


def event(event_id: int, held_on: date, type: str = "webinar", **changes: Any) -> dict[str, Any]:  # noqa: A002
    blank = dict.fromkeys(EVENTS)
    return {**blank, "event_id": event_id, "held_on": held_on, "type": type, **changes}


def customer(customer_id: int = 1, **changes: Any) -> dict[str, Any]:
    return {**dict.fromkeys(CUSTOMERS), "customer_id": customer_id, **changes}


def seat(customer_id: int, event_id: int, person: int = 0, **changes: Any) -> dict[str, Any]:
    """One person there; persons are numbered within their customer."""
    return {
        **dict.fromkeys(ATTENDANCES),
        "customer_id": customer_id,
        "event_id": event_id,
        "participant_id": customer_id * 1000 + person,
        "spoke": False,
        **changes,
    }


def every(days: int, count: int, *, end: date = AS_OF, types: Sequence[str] = TYPES) -> list[Row]:
    """`count` events, the last on `end`, `days` apart, types in turn."""
    first = end - timedelta(days=days * (count - 1))
    return [
        event(i + 1, first + timedelta(days=days * i), types[i % len(types)]) for i in range(count)
    ]


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to 20 events over two years, some after the day of the score, and up to 6 customers.

    Half of the worlds have most events in the last year, so that months and quarters both come up.
    """
    ago = st.integers(-40, 740) if draw(st.booleans()) else st.integers(-10, 375)
    days = draw(st.lists(ago, min_size=0, max_size=20))
    audiences = _maybe(st.lists(st.sampled_from(SEGMENTS), max_size=2, unique=True))
    regions = _maybe(st.lists(st.sampled_from(REGIONS), max_size=2, unique=True))
    few = st.lists(st.integers(1, 6), max_size=3, unique=True).map(sorted)
    only = st.none() | st.none() | few
    events = [
        event(
            number,
            AS_OF - timedelta(days=ago),
            draw(st.sampled_from(TYPES)),
            scheduled_minutes=draw(st.sampled_from([None, 0.0, 30.0, 60.0])),
            polls_asked=draw(st.sampled_from([None, 0, 4])),
            segments=draw(audiences),
            regions=draw(regions),
            only=draw(only),
        )
        for number, ago in enumerate(days, start=1)
    ]
    customers = [
        customer(
            number,
            segment=draw(_maybe(st.sampled_from(SEGMENTS))),
            region=draw(_maybe(st.sampled_from(REGIONS))),
            started_on=draw(
                _maybe(st.integers(-30, 500).map(lambda ago: AS_OF - timedelta(days=ago)))
            ),
        )
        for number in range(1, draw(st.integers(1, 6)) + 1)
    ]
    seats = draw(_attendances(len(customers), len(events)))
    crowd = draw(st.just(0) | st.integers(5, 60)) if events else 0
    full, host = draw(st.integers(1, max(len(events), 1))), draw(st.integers(1, len(customers)))
    seats += [seat(host, full, 10 + person) for person in range(crowd)]
    return World(seats, events, customers, AS_OF)


def _attendances(customers: int, events: int) -> st.SearchStrategy[list[Row]]:
    if events == 0:
        return st.just([])
    seats = st.builds(
        seat,
        st.integers(1, customers),
        st.integers(1, events),
        st.integers(0, 2),
        minutes=_maybe(st.integers(0, 90).map(float)),
        questions=_maybe(st.integers(0, 4)),
        polls=_maybe(st.integers(0, 5)),
        downloads=_maybe(st.integers(0, 3)),
        feedback=_maybe(st.sampled_from([0.0, 1.0, 4.0])),
        spoke=st.sampled_from([False, False, False, True]),
    )
    return st.lists(
        seats, max_size=60, unique_by=lambda row: (row["event_id"], row["participant_id"])
    )
