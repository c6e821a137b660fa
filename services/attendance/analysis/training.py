"""What trainings achieve: who finishes, who passes, who comes again, and whether they take part more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Attendance, Customer, Participant
from data.tables.events import ATTENDED, CANCELLED
from services.access import Viewer, visible
from services.attendance.analysis.loading import Known
from services.figures import Lift, Share, share_of
from services.seats import COUNTED_BAND

TYPES = ("training", "workshop")
AGAIN_WITHIN = timedelta(days=180)
_TOLD = and_(
    or_(Attendance.completed.is_not(None), Attendance.passed.is_not(None)),
    Attendance.status != CANCELLED,
)
"""Of whom a platform tells whether they finished. To attend a course on one's own is to have finished it, so
those who attended alone would all have."""
_PEOPLE = {
    "event_id": pl.Int64, "customer_id": pl.Int64, "name": pl.String, "email": pl.String,
    "completed": pl.Boolean, "passed": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Training:
    """`completed` and `passed` count people of whom a platform told either; `again`: customers who came to
    another training within 180 days, of those whose 180 days are over; `days_between`: the median."""

    events: int
    customers: int
    completed: Share
    passed: Share
    again: Share
    days_between: float | None
    lift: Lift


def training(
    session: Session,
    by: Viewer,
    known: Known,
    event_ids: list[int],
    today: date,
    *,
    lift: Lift,
) -> Training:
    """`lift`: theirs. All limited to trainings and workshops among `event_ids`."""
    held = _trainings(known, event_ids)
    ids = held["event_id"].to_list()
    seats = known.seats.filter(pl.col("event_id").is_in(ids))
    completed, passed = _finished(session, by, known, ids)
    again, days = _again(known, seats, today)
    return Training(
        held.height, seats["customer_id"].n_unique(), completed, passed, again, days, lift
    )  # fmt: skip


def _finished(
    session: Session, by: Viewer, known: Known, event_ids: list[int]
) -> tuple[Share, Share]:
    a, p = Attendance, Participant
    segments = known.customers["segment"].unique().to_list()
    row = session.execute(
        select(
            func.count(a.completed),
            func.sum(case((a.completed.is_(True), 1), else_=0)),
            func.count(a.passed),
            func.sum(case((a.passed.is_(True), 1), else_=0)),
        )
        .join(p, p.id == a.participant_id)
        .join(Customer, Customer.id == p.customer_id)
        .where(
            a.event_id.in_(event_ids),
            _TOLD,
            p.band == COUNTED_BAND,
            visible(by),
            func.coalesce(Customer.segment, "").in_([one or "" for one in segments]),
        )
    ).one()
    return share_of(row[1] or 0, row[0] or 0), share_of(row[3] or 0, row[2] or 0)


def _again(known: Known, seats: pl.DataFrame, today: date) -> tuple[Share, float | None]:
    """From each customer's first training among `seats` to its next one, of any time."""
    rows = _gaps(known, seats, today)
    over = rows.filter("over")
    middle = rows["days"].median()
    return share_of(over.filter("again").height, over.height), (
        float(middle) if isinstance(middle, int | float) else None
    )


def _gaps(known: Known, seats: pl.DataFrame, today: date) -> pl.DataFrame:
    """customer_id, first (Date), days to the next one or None, `over`: the 180 days are, `again`: within them."""
    days = known.events.filter(pl.col("type").is_in(TYPES)).select("event_id", "held_on")
    first = (
        seats.join(days, on="event_id").group_by("customer_id").agg(first=pl.col("held_on").min())
    )
    later = known.seats.join(days, on="event_id").select("customer_id", then="held_on")
    gap = (pl.col("then") - pl.col("first")).min().dt.total_days()
    gaps = (
        first.join(later, on="customer_id")
        .filter(pl.col("then") > pl.col("first"))
        .group_by("customer_id")
        .agg(days=gap)
    )
    return first.join(gaps, on="customer_id", how="left").with_columns(
        over=pl.col("first") + AGAIN_WITHIN <= today,
        again=(pl.col("days") <= AGAIN_WITHIN.days).fill_null(value=False),
    )


def again_rows(known: Known, event_ids: list[int], today: date) -> pl.DataFrame:
    """One row per customer with a training among `event_ids`: customer, segment, first, days to the next one,
    over (the 180 days), again (within them)."""
    ids = _trainings(known, event_ids)["event_id"].to_list()
    seats = known.seats.filter(pl.col("event_id").is_in(ids))
    return (
        _gaps(known, seats, today)
        .join(known.customers.select("customer_id", "customer", "segment"), on="customer_id")
        .select("customer", "segment", "first", "days", "over", "again")
        .sort("first", "customer", descending=[True, False])
    )


def people_rows(session: Session, known: Known, event_ids: list[int]) -> pl.DataFrame:
    """One row per person that attended a training, or began one: event, held_on, customer, person, completed and
    passed, empty where no platform tells."""
    a, p = Attendance, Participant
    held = _trainings(known, event_ids)
    query = (
        select(a.event_id, p.customer_id, p.name, p.email, a.completed, a.passed)
        .join(p, p.id == a.participant_id)
        .where(
            a.event_id.in_(held["event_id"].to_list()),
            or_(a.status == ATTENDED, _TOLD),
            p.band == COUNTED_BAND,
        )
        .order_by(p.name, a.participant_id)
    )
    return (
        read_frame(session, query, _PEOPLE)
        .join(known.customers.select("customer_id", "customer"), on="customer_id")
        .join(held.select("event_id", "held_on", event="name"), on="event_id")
        .with_columns(person=pl.coalesce("name", "email"))
        .select("event", "held_on", "customer", "person", "completed", "passed")
        .sort("held_on", "event", "customer", descending=[True, False, False], maintain_order=True)
    )


def _trainings(known: Known, event_ids: list[int]) -> pl.DataFrame:
    return known.events.filter(pl.col("event_id").is_in(event_ids), pl.col("type").is_in(TYPES))
