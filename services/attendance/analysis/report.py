"""The whole analysis for a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput
from data.tables import Customer, Event
from services.access import Viewer, visible
from services.attendance.analysis.lifts import lifts, whole
from services.attendance.analysis.loading import Known, load
from services.attendance.analysis.training import Training, training
from services.attendance.analysis.worth import SHARE_IN_REVENUE, Worth, worth
from services.figures import Lift, Share, share_of

HALVES = {"earlier": "First half", "recent": "Second half"}
"""Of the period, in words."""
NO_TOPIC = "No topic"
LONGEST = 3 * 365


Facts = tuple[Known, pl.DataFrame]


@dataclass(frozen=True)
class AnalysisFilters:
    """Events held in the last `days`; empty means all. `share`: how much of a lift is taken to show in
    revenue."""

    days: int = 365
    segment: str | None = None
    type: str | None = None
    share: float = SHARE_IN_REVENUE


@dataclass(frozen=True)
class TypeLift:
    type: str
    events: int
    lift: Lift


@dataclass(frozen=True)
class Overview:
    """As of the end of `as_of`. `months`: month Date, events, seats, customers. `topics`: topic, events,
    seats, customers, questions, per_event (seats), earlier and recent (the same in both halves of the
    period). `measured`: how many of the events have 90 days after them and 270 before on record."""

    as_of: date
    since: date
    events: int
    seats: int
    reach: Share
    months: pl.DataFrame
    topics: pl.DataFrame
    measured: int
    lift: Lift


@dataclass(frozen=True)
class Analysis(Overview):
    """With the lift of each type, what events are worth to each segment, and what trainings achieve."""

    lifts: tuple[TypeLift, ...]
    worth: tuple[Worth, ...]
    training: Training


def overview(
    session: Session, by: Viewer, today: date, filters: AnalysisFilters | None = None
) -> Overview:
    """As `analysis`, but of all events together only: what most of its screens show."""
    wanted = filters or AnalysisFilters()
    facts = known, held = chosen(session, by, wanted, today)
    measured, lift = whole(known, held["event_id"].to_list(), today)
    return Overview(**_figures(today, wanted, facts), measured=measured, lift=lift)


def analysis(
    session: Session, by: Viewer, today: date, filters: AnalysisFilters | None = None
) -> Analysis:
    """What the events of a period up to `today` changed for the customers that `by` sees."""
    wanted = filters or AnalysisFilters()
    return analysis_of(session, by, today, wanted, chosen(session, by, wanted, today))


def analysis_of(
    session: Session, by: Viewer, today: date, wanted: AnalysisFilters, facts: Facts
) -> Analysis:
    """The same, of what `chosen` gives."""
    known, held = facts
    ids = held["event_id"].to_list()
    found = lifts(known, ids, today)
    return Analysis(
        **_figures(today, wanted, facts),
        measured=found.measured,
        lift=found.whole,
        lifts=_by_type(held, found.types),
        worth=tuple(worth(known, ids, found.segments, share=wanted.share)),
        training=training(session, by, known, ids, today, lift=found.training),
    )


def _figures(today: date, wanted: AnalysisFilters, facts: Facts) -> dict[str, Any]:
    """Those that are counted rather than compared."""
    known, held = facts
    seats = known.seats.filter(pl.col("event_id").is_in(held["event_id"].to_list()))
    return {
        "as_of": today,
        "since": today - timedelta(days=wanted.days),
        "events": held.height,
        "seats": int(seats["people"].sum()),
        "reach": share_of(seats["customer_id"].n_unique(), known.customers.height),
        "months": months(held, seats),
        "topics": topics(held, seats, today - timedelta(days=wanted.days // 2)),
    }


def chosen(session: Session, by: Viewer, wanted: AnalysisFilters, today: date) -> Facts:
    """Everything on record of the customers asked for, and the events asked for."""
    if not 1 <= wanted.days <= LONGEST or not 0 <= wanted.share <= 1:
        raise BadInput(f"Choose 1 to {LONGEST} days, and a share from 0 to 1.")
    known = load(session, by)
    if wanted.segment:
        customers = known.customers.filter(segment=wanted.segment)
        seats = known.seats.join(customers.select("customer_id"), on="customer_id", how="semi")
        known = replace(known, customers=customers, seats=seats)
    held = known.events.filter(
        pl.col("held_on") > today - timedelta(days=wanted.days), pl.col("held_on") <= today
    )
    return known, held.filter(type=wanted.type) if wanted.type else held


def _by_type(held: pl.DataFrame, found: Mapping[str, Lift]) -> tuple[TypeLift, ...]:
    counts = held.group_by("type").len().sort("len", "type", descending=[True, False])
    return tuple(TypeLift(name, count, found[name]) for name, count in counts.iter_rows())


def months(held: pl.DataFrame, seats: pl.DataFrame) -> pl.DataFrame:
    """Per month, also those without attendance: events, seats, customers."""
    dated = seats.join(held.select("event_id", "held_on"), on="event_id")
    month = pl.col("held_on").dt.truncate("1mo").alias("month")
    came = dated.group_by(month).agg(
        seats=pl.col("people").sum(), customers=pl.col("customer_id").n_unique()
    )
    return (
        held.group_by(month)
        .agg(events=pl.len())
        .join(came, on="month", how="left")
        .with_columns(pl.col("seats", "customers").fill_null(0).cast(pl.Int64))
        .sort("month")
    )


def topics(held: pl.DataFrame, seats: pl.DataFrame, half: date) -> pl.DataFrame:
    """Per topic, the most seats first; `recent` and `earlier` are seats per event after and before `half`."""
    named = held.with_columns(topic=pl.col("topic").fill_null(NO_TOPIC))
    counted = seats.join(named.select("event_id", "topic", "held_on"), on="event_id")
    late = pl.col("held_on") > half
    offered = named.group_by("topic").agg(
        events=pl.len(), late=late.sum(), early=(~late).sum()
    )  # fmt: skip
    came = counted.group_by("topic").agg(
        seats=pl.col("people").sum(),
        customers=pl.col("customer_id").n_unique(),
        questions=pl.col("questions").sum(),
        seats_late=pl.col("people").filter(late).sum(),
        seats_early=pl.col("people").filter(~late).sum(),
    )
    return (
        offered.join(came, on="topic", how="left")
        .with_columns(pl.selectors.numeric().fill_null(0))
        .with_columns(
            per_event=pl.col("seats") / pl.col("events"),
            recent=pl.when(pl.col("late") > 0).then(pl.col("seats_late") / pl.col("late")),
            earlier=pl.when(pl.col("early") > 0).then(pl.col("seats_early") / pl.col("early")),
        )
        .select(
            "topic", "events", "seats", "customers", "questions", "per_event", "earlier", "recent"
        )
        .sort("seats", "topic", descending=[True, False])
    )


def choices(session: Session, by: Viewer) -> tuple[list[str], list[str]]:
    """Segments and types there are."""
    segments = select(Customer.segment).where(visible(by), Customer.segment.is_not(None))
    types = select(Event.type).where(Event.status == "held")
    return (
        sorted(filter(None, session.scalars(segments.distinct()))),
        sorted(session.scalars(types.distinct())),
    )


def worth_rows(found: tuple[Worth, ...]) -> pl.DataFrame:
    """One row per segment and currency; empty cells where there is not enough data."""
    return pl.DataFrame(
        [
            {
                "segment": one.segment, "currency": one.currency, "customers": one.customers,
                "arr": one.arr, "cost": one.cost, "cost_currency": one.cost_currency,
                "attended": one.lift.treated, "compared_with": one.lift.others,
                "lift": one.lift.relative, "influenced_low": one.low,
                "influenced_middle": one.middle, "influenced_high": one.high,
                "return_low": one.return_low, "return_middle": one.return_middle,
                "return_high": one.return_high,
            }
            for one in found
        ],
        schema={
            "segment": pl.String, "currency": pl.String, "customers": pl.Int64, "arr": pl.Float64,
            "cost": pl.Float64, "cost_currency": pl.String,
            "attended": pl.Int64, "compared_with": pl.Int64, "lift": pl.Float64,
            "influenced_low": pl.Float64, "influenced_middle": pl.Float64,
            "influenced_high": pl.Float64, "return_low": pl.Float64, "return_middle": pl.Float64,
            "return_high": pl.Float64,
        },
    )  # fmt: skip
