"""What trainings achieve: who finishes, who passes, who comes again, and whether they take part more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.tables import Attendance, Customer, Participant
from data.tables.events import ATTENDED
from services.access import Viewer, visible
from services.attendance.analysis.loading import Known
from services.figures import Lift, Share, lift_of, share_of
from services.seats import COUNTED_BAND

TYPES = ("training", "workshop")
AGAIN_WITHIN = timedelta(days=180)


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
    rows: pl.DataFrame,
    today: date,
) -> Training:
    """`rows` as from `outcomes.around`; all limited to trainings and workshops among `event_ids`."""
    held = known.events.filter(pl.col("event_id").is_in(event_ids), pl.col("type").is_in(TYPES))
    ids = held["event_id"].to_list()
    seats = known.seats.filter(pl.col("event_id").is_in(ids))
    completed, passed = _finished(session, by, known, ids)
    again, days = _again(known, seats, today)
    return Training(
        held.height, seats["customer_id"].n_unique(), completed, passed, again, days,
        lift_of(rows.filter(pl.col("event_id").is_in(ids))),
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
            a.status == ATTENDED,
            p.band == COUNTED_BAND,
            visible(by),
            func.coalesce(Customer.segment, "").in_([one or "" for one in segments]),
        )
    ).one()
    return share_of(row[1] or 0, row[0] or 0), share_of(row[3] or 0, row[2] or 0)


def _again(known: Known, seats: pl.DataFrame, today: date) -> tuple[Share, float | None]:
    """From each customer's first training among `seats` to its next one, of any time."""
    days = known.events.filter(pl.col("type").is_in(TYPES)).select("event_id", "held_on")
    first = seats.join(days, on="event_id").group_by("customer_id").agg(pl.col("held_on").min())
    later = known.seats.join(days, on="event_id").select("customer_id", then="held_on")
    gaps = (
        first.join(later, on="customer_id")
        .filter(pl.col("then") > pl.col("held_on"))
        .group_by("customer_id", "held_on")
        .agg(days=(pl.col("then") - pl.col("held_on")).min().dt.total_days())
    )
    over = first.filter(pl.col("held_on") + AGAIN_WITHIN <= today)
    came = gaps.filter(pl.col("days") <= AGAIN_WITHIN.days).join(over, on="customer_id", how="semi")
    middle = gaps["days"].median()
    return share_of(came.height, over.height), (
        float(middle) if isinstance(middle, int | float) else None
    )
