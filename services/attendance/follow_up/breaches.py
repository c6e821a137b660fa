"""Follow-ups that came late or not at all, with the reason and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.settings import settings
from data.tables import Customer, Draft, Event, FollowUp, OutboxMail, Person
from services.access import Viewer, visible
from services.attendance.follow_up.clock import MOMENT
from services.attendance.follow_up.records import KIND, SOURCE
from services.drafts.wholes import carrier, standing
from services.export import to_csv, to_xlsx

DRAFTED_WITHIN = timedelta(hours=24)
SENT_WITHIN = timedelta(hours=72)
LOOKED_BACK = timedelta(days=60)
ROWS: dict[str, Any] = {
    "id": pl.Int64,
    "event_id": pl.Int64,
    "event": pl.String,
    "held_on": pl.Date,
    "customer_id": pl.Int64,
    "customer": pl.String,
    "csm_id": pl.Int64,
    "csm": pl.String,
    "no_show": pl.Boolean,
    "people": pl.Int64,
    "detected_at": MOMENT,
    "notified_at": MOMENT,
    "drafted_at": MOMENT,
    "approved_at": MOMENT,
    "sent_at": MOMENT,
    "replied_at": MOMENT,
    "waived_at": MOMENT,
    "waived_why": pl.String,
}
PROMISES = {
    "notified": "told the same day",
    "drafted": "drafted within 24 hours",
    "sent": "sent within 72 hours",
}
"""What is promised from the moment we learn of somebody at an event."""
LABELS = {
    "event": "Event", "held_on": "Held on", "customer": "Customer", "csm": "CSM",
    "broken": "Not kept", "reason": "Why", "detected_at": "Detected", "notified_at": "Told",
    "drafted_at": "Drafted", "approved_at": "Approved", "sent_at": "Sent",
    "replied_at": "Answered", "waived_why": "Let go because",
}  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """Of one promise: kept, broken, or still running."""

    promise: str
    kept: int
    late: int
    overdue: int
    running: int


@dataclass(frozen=True)
class Counts:
    """Customers: to follow up, written to, and those who answered."""

    all: int
    sent: int
    replied: int


def rows_of(
    session: Session, by: Viewer, now: datetime, *, event_id: int | None = None
) -> pl.DataFrame:
    """Follow-ups `by` sees, as ROWS, newest first: of one event, else of the last 60 days."""
    f = FollowUp
    query = (
        select(
            f.id, f.event_id, Event.name, Event.held_on, f.customer_id, Customer.name,
            Customer.csm_id, Person.name, f.no_show, f.people, f.detected_at, f.notified_at,
            f.drafted_at, f.approved_at, f.sent_at, f.replied_at, f.waived_at, f.waived_why,
        )
        .join(Event, Event.id == f.event_id)
        .join(Customer, Customer.id == f.customer_id)
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(visible(by))
        .where(f.event_id == event_id if event_id is not None else f.detected_at > now - LOOKED_BACK)
        .order_by(f.detected_at.desc(), f.id)
    )  # fmt: skip
    return read_large(session, query, ROWS)


def judged(rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """Adds a word per promise (`notified`, `drafted`, `sent`: kept, late, overdue or running) and `broken`,
    the promises in words that are late or overdue. What was let go breaks none."""
    zone = settings().default_zone
    day = pl.col("detected_at").dt.convert_time_zone(zone).dt.date()
    until = {
        "notified": (day + pl.duration(days=1))
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC"),
        "drafted": pl.col("detected_at") + DRAFTED_WITHIN,
        "sent": pl.col("detected_at") + SENT_WITHIN,
    }
    said = rows.with_columns(
        _state(pl.col(f"{name}_at"), until[name], now).alias(name) for name in PROMISES
    )
    late = [
        pl.when(pl.col(name).is_in(["late", "overdue"])).then(pl.lit(f"not {words}"))
        for name, words in PROMISES.items()
    ]
    return said.with_columns(broken=pl.concat_str(late, separator=", ", ignore_nulls=True))


def _state(done: pl.Expr, until: pl.Expr, now: datetime) -> pl.Expr:
    return (
        pl.when(pl.col("waived_at").is_not_null())
        .then(pl.lit("let go"))
        .when(done.is_not_null() & (done <= until))
        .then(pl.lit("kept"))
        .when(done.is_not_null())
        .then(pl.lit("late"))
        .when(until < now)
        .then(pl.lit("overdue"))
        .otherwise(pl.lit("running"))
    )


def counts_of_event(session: Session, by: Viewer, event_id: int) -> Counts:
    """How many customers of those that `by` sees are to be followed up, and how far that is."""
    f = FollowUp
    query = (
        select(func.count(), func.count(f.sent_at), func.count(f.replied_at))
        .join(Customer, Customer.id == f.customer_id)
        .where(visible(by), f.event_id == event_id)
    )
    return Counts(*session.execute(query).one())


def of_event(session: Session, by: Viewer, now: datetime, event_id: int) -> pl.DataFrame:
    """All follow-ups of an event that `by` sees, as `judged` with `reason`; by customer."""
    rows = judged(rows_of(session, by, now, event_id=event_id), now)
    return with_reasons(session, rows).sort(pl.col("customer").str.to_lowercase())


def clocks(session: Session, by: Viewer, now: datetime) -> list[Clock]:
    """How the promises of the last 60 days were kept."""
    rows = judged(rows_of(session, by, now), now)
    return [
        Clock(words, *(rows.filter(pl.col(name) == state).height for state in ("kept", "late", "overdue", "running")))
        for name, words in PROMISES.items()
    ]  # fmt: skip


def breaches(session: Session, by: Viewer, now: datetime, *, late: bool = False) -> pl.DataFrame:
    """What is overdue in the last 60 days, with `broken` and `reason`; with `late` also what was done in
    the end. Columns of ROWS and `judged`."""
    rows = judged(rows_of(session, by, now), now)
    wanted = ["late", "overdue"] if late else ["overdue"]
    found = rows.filter(pl.any_horizontal(pl.col(name).is_in(wanted) for name in PROMISES))
    return with_reasons(session, found)


def with_reasons(session: Session, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `reason`: what keeps each from being done."""
    keys = ["event_id", "customer_id"]
    made = _drafts_of(session, rows["event_id"].unique().to_list())
    told = rows.join(made, on=keys, how="left", maintain_order="left").with_columns(
        pl.col("open", "held", "closed", "queued", "stuck").fill_null(0)
    )
    reason = (
        pl.when(pl.col("waived_at").is_not_null())
        .then(pl.lit("Let go."))
        .when(pl.col("sent_at").is_not_null())
        .then(pl.lit("Done, but late."))
        .when(pl.col("csm_id").is_null())
        .then(pl.lit("Nobody looks after this customer. Give it a CSM."))
        .when(pl.col("stuck") > 0)
        .then(pl.lit("The mail was refused or blocked. Look at the send queue."))
        .when(pl.col("queued") > 0)
        .then(pl.lit("It waits in the send queue."))
        .when(pl.col("open") > 0)
        .then(pl.format("{} waiting for approval.", _counted("open")))
        .when(pl.col("held") > 0)
        .then(pl.lit("It waits behind another mail to the same person."))
        .when(pl.col("closed") > 0)
        .then(pl.lit("The drafts were rejected. Let it go with a reason, or write another mail."))
        .when(pl.col("broken") == "")
        .then(pl.lit(""))
        .otherwise(
            pl.lit("Nobody who was there is a stakeholder with an address who wants mail. Add one.")
        )
    )
    return told.with_columns(reason=reason).drop("open", "held", "closed", "queued", "stuck")


def _counted(name: str) -> pl.Expr:
    noun = pl.when(pl.col(name) == 1).then(pl.lit("draft is")).otherwise(pl.lit("drafts are"))
    return pl.format("{} {}", pl.col(name), noun)


def _drafts_of(session: Session, event_ids: list[int]) -> pl.DataFrame:
    """Per event and customer how many drafts stand where; a part of another mail where that one stands."""
    d, o, stands = Draft, OutboxMail, standing().label("stands")
    rows = (
        select(d.source_id, d.customer_id, stands, o.state, func.count())
        .outerjoin(o, (o.draft_id == carrier()) & (o.state != "cancelled"))
        .where(d.source == SOURCE, d.kind == KIND, d.source_id.in_(event_ids))
        .group_by(d.source_id, d.customer_id, stands, o.state)
    )
    schema = {
        "event_id": pl.Int64, "customer_id": pl.Int64,
        "state": pl.String, "sending": pl.String, "n": pl.Int64,
    }  # fmt: skip
    state, sending, n = pl.col("state"), pl.col("sending"), pl.col("n")
    groups = {
        "open": state.is_in(["pending", "second_look"]),
        "held": state == "held",
        "closed": state.is_in(["rejected", "cancelled"]),
        "queued": sending.is_in(["queued", "claimed", "wire", "unknown"]),
        "stuck": sending.is_in(["failed", "blocked", "review"]),
    }
    return (
        read_frame(session, rows, schema)
        .group_by("event_id", "customer_id")
        .agg(
            n.filter(which.fill_null(value=False)).sum().alias(name)
            for name, which in groups.items()
        )
    )


def export(session: Session, by: Viewer, now: datetime, *, late: bool, form: str) -> bytes:
    """The breaches as `csv` or `xlsx`."""
    rows = breaches(session, by, now, late=late).select(*LABELS)
    return to_csv(rows, LABELS) if form == "csv" else to_xlsx(rows, LABELS, title="Late follow-ups")
