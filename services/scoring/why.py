"""Everything behind one customer's score: facts, sub-scores, the way up, the past year, the events."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables.customers import Customer
from data.tables.events import Event
from services.access import Viewer, require_customer, visible
from services.private import pairs
from services.scoring import store
from services.scoring.courses import course_of
from services.scoring.explain import (
    Explanation,
    Step,
    UpcomingEvent,
    explain,
    history,
    next_step,
    year_of,
)
from services.scoring.load import Facts, load_facts_of
from services.scoring.score import NO_DATA, with_ranks
from services.scoring.standings import scores_on
from services.scoring.supply import supply_of
from services.scoring.weights import WeightBook, Weights

HISTORY_MONTHS = 12
MOST_UPCOMING = 500


@dataclass(frozen=True)
class Why:
    """`row` is the customer's row of `score_customers`, ranked among the `of` customers `by` sees.

    history: as_of Date, score Int16; the last twelve month ends and the day itself.
    attended: event_id Int64, name, type Utf8, held_on Date, people Int32, minutes Float32 (the most
        anybody stayed), questions Int32, spoke, counted Boolean (not: it was not open to them, or
        before they were a customer); newest first. Of courses, the day and the people that finished them.
    missed: event_id, name, type, held_on; newest first.
    """

    customer_id: int
    customer: str
    segment: str | None
    as_of: date
    weight_version: int
    weights: Weights
    row: dict[str, Any]
    of: int
    explanation: Explanation
    step: Step | None
    history: pl.DataFrame
    attended: pl.DataFrame
    missed: pl.DataFrame


def why_of(
    session: Session,
    by: Viewer,
    customer_id: int,
    *,
    as_of: date,
    version: int,
    book: WeightBook,
) -> Why:
    """NotFound when the customer is not one that `by` may see."""
    customer = require_customer(session, by, customer_id)
    weights = book.of(customer.segment)
    own, places = _scores(session, by, customer_id, as_of=as_of, version=version, book=book)
    ranked = with_ranks(places)
    row = _row(own, ranked.filter(pl.col("customer_id") == customer_id))
    facts = load_facts_of(session, customer_id, as_of=as_of)
    attended, missed = _events(session, facts, as_of)
    upcoming = _upcoming(session, customer, as_of)
    year = year_of(facts.attendances, facts.events, facts.customers, as_of)
    return Why(
        customer_id=customer_id,
        customer=customer.name,
        segment=customer.segment,
        as_of=as_of,
        weight_version=version,
        weights=weights,
        row=row,
        of=ranked.height,
        explanation=explain(row, weights),
        step=next_step(row, weights, upcoming, year, as_of),
        history=history(
            facts.attendances, facts.events, facts.customers, weights, month_ends(as_of)
        ),
        attended=attended,
        missed=missed,
    )


def month_ends(as_of: date) -> list[date]:
    """The twelve month ends before `as_of`, oldest first, and the day itself."""
    months = [
        divmod(as_of.year * 12 + as_of.month - 1 - back, 12)
        for back in range(HISTORY_MONTHS, 0, -1)
    ]
    ends = [
        date(year, month + 1, calendar.monthrange(year, month + 1)[1]) for year, month in months
    ]
    return [*ends, as_of]


def _scores(
    session: Session,
    by: Viewer,
    customer_id: int,
    *,
    as_of: date,
    version: int,
    book: WeightBook,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The customer's own row, if any; and customer_id, score, attended of all that `by` sees."""
    if store.stamp(session) == store.Stamp(as_of, version):
        own = store.stored_scores(session, Customer.id == customer_id)
        return own, store.stored_places(session, visible(by))
    everybody = scores_on(session, visible(by), as_of=as_of, version=version, book=book)
    return everybody.filter(pl.col("customer_id") == customer_id), everybody.select(store.PLACES)


def _row(own: pl.DataFrame, place: pl.DataFrame) -> dict[str, Any]:
    if own.height:
        return own.row(0, named=True) | place.select("rank", "percentile").row(0, named=True)
    # Added since the scores were written.
    counts = {name: 0 for name, kind in store.SCORES.items() if kind == pl.Int32 and name != "rank"}
    return dict.fromkeys(store.SCORES) | counts | {"state": NO_DATA, "trend": "new"}


def _events(session: Session, facts: Facts, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Attended and missed events of the window, newest first."""
    supply = supply_of(facts.events, facts.customers, as_of)
    places = np.arange(supply.events.height)
    open_to = supply.eligible(np.zeros_like(places), places)
    on_record = supply.events.select(event=course_of(pl.col("event_id")))["event"]
    names = read_frame(
        session,
        select(Event.id, Event.name).where(Event.id.in_(on_record.unique().to_list())),
        {"event": pl.Int64, "name": pl.Utf8},
    )
    offered = (
        supply.events.select("event_id", "type", "held_on")
        .with_columns(on_record, counted=pl.Series(open_to, dtype=pl.Boolean))
        .join(names, on="event")
        .sort("held_on", "event_id", descending=True)
    )
    came = facts.attendances.group_by("event_id").agg(
        people=pl.len().cast(pl.Int32),
        minutes=pl.col("minutes").max(),
        questions=pl.col("questions").sum().cast(pl.Int32),
        spoke=pl.col("spoke").any(),
    )
    shared = [pl.col("event").alias("event_id"), "name", "type", "held_on"]
    attended = offered.join(came, on="event_id", maintain_order="left")
    missed = offered.filter("counted").join(came, on="event_id", how="anti", maintain_order="left")
    return (
        attended.select(*shared, "people", "minutes", "questions", "spoke", "counted"),
        missed.select(*shared),
    )


def _upcoming(session: Session, customer: Customer, as_of: date) -> list[UpcomingEvent]:
    """Planned events after the day that are open to the customer, soonest first: private ones where it is asked."""
    planned = session.scalars(
        select(Event)
        .where(Event.status == "planned", Event.held_on > as_of)
        .order_by(Event.held_on, Event.id)
        .limit(MOST_UPCOMING)
    ).all()
    private = [event.id for event in planned if event.private]
    asked = pairs(session, private).filter(pl.col("customer_id") == customer.id)["event_id"]
    own = set(asked.to_list())
    return [
        UpcomingEvent(event.name, event.type, event.held_on)
        for event in planned
        if (event.id in own if event.private else _admits(event, customer))
    ]


def _admits(event: Event, customer: Customer) -> bool:
    audiences = ((event.segments, customer.segment), (event.regions, customer.region))
    return all(not audience or own in audience for audience, own in audiences)
