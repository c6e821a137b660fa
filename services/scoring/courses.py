"""Courses that people finish each on their own day, laid on those days. Pure, but for what is read.

A course is one event, on offer to everybody in the month it begins in. Whoever finishes it later has
had it on offer then instead: each customer's first completion of a later calendar month becomes a visit
of its own, a `run` of the course, for that customer alone. So what was learned last week is not counted
for the day on which somebody else began, and a course that began years ago still counts.

The id of a run is negative, and says which course it is of: see `course_of`.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Attendance, Event
from data.tables.events import ATTENDED, SELF_PACED
from services.scoring.supply import EPOCH

_DAYS = 2**17
"""More than the days since 1970 that a date can have in a file; ids of courses are multiplied by it."""
_HELD = (Event.source.in_(SELF_PACED), Event.status == "held")
COURSES = {"event_id": pl.Int64, "zone": pl.Utf8}
FINISHED = {"event_id": pl.Int64, "participant_id": pl.Int64, "joined_at": pl.Datetime("us", "UTC")}
RUN = {"course": pl.Int64, "excused": pl.List(pl.Int64)}
"""Of a run: its course, and those of its customers of whom nobody came in the course's own month. Both
are null for all other events."""


def course_of(event: pl.Expr) -> pl.Expr:
    """The event on record: of a run the course."""
    return pl.when(event < 0).then(-event // _DAYS).otherwise(event)


def finished(session: Session, *where: ColumnElement[bool]) -> pl.DataFrame:
    """event_id, participant_id Int64, `on` Date in the course's zone: who finished which course when,
    where the day is known."""
    courses = read_frame(session, select(Event.id, Event.time_zone).where(*_HELD), COURSES)
    if courses.is_empty():
        return pl.DataFrame(
            schema={"event_id": pl.Int64, "participant_id": pl.Int64, "on": pl.Date}
        )
    a = Attendance
    rows = read_large(
        session,
        select(a.event_id, a.participant_id, a.joined_at).where(
            a.event_id.in_(select(Event.id).where(*_HELD)),
            a.status == ATTENDED,
            a.joined_at.is_not(None),
            *where,
        ),
        FINISHED,
    ).join(courses, on="event_id")
    local = [
        part.with_columns(on=pl.col("joined_at").dt.convert_time_zone(str(zone)).dt.date())
        for (zone,), part in rows.group_by("zone")
    ]
    found = pl.concat(local) if local else rows.with_columns(on=pl.lit(None, pl.Date))
    return found.select("event_id", "participant_id", "on")


def on_their_days(
    attendances: pl.DataFrame, events: pl.DataFrame, done: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Attendances and events of `score_customers` with the runs among them, and RUN in the events.

    done: as `finished` gives it. Attendances whose day is not known stay with their course.
    """
    if done.is_empty():
        return attendances, events
    months = events.select("event_id", begun=pl.col("held_on").dt.truncate("1mo"))
    seats = (
        attendances.select("customer_id", "event_id", "participant_id")
        .join(done, on=["event_id", "participant_id"])
        .join(months, on="event_id")
        .with_columns(month=pl.col("on").dt.truncate("1mo"))
    )
    sane = pl.col("on") >= EPOCH
    later = seats.filter(sane, pl.col("month") != pl.col("begun")).with_columns(
        day=pl.col("on").min().over("customer_id", "event_id", "month")
    )
    if later.is_empty():
        return attendances, events
    later = later.with_columns(run=_run(pl.col("event_id"), pl.col("day")))
    moved = attendances.join(
        later.select("event_id", "participant_id", "run"),
        on=["event_id", "participant_id"],
        how="left",
        maintain_order="left",
    )
    moved = moved.with_columns(event_id=pl.coalesce("run", "event_id")).drop("run")
    return moved, _with_runs(events, later, moved)


def for_everybody(events: pl.DataFrame) -> pl.DataFrame:
    """Events of `score_customers` without the private ones; runs of courses stay."""
    kept = pl.col("only").is_null()
    return events.filter(
        kept | pl.col("course").is_not_null() if "course" in events.columns else kept
    )


def _run(course: pl.Expr, day: pl.Expr) -> pl.Expr:
    return -(course * _DAYS + day.to_physical().cast(pl.Int64))


def _with_runs(events: pl.DataFrame, later: pl.DataFrame, seats: pl.DataFrame) -> pl.DataFrame:
    came = seats.select("customer_id", pl.col("event_id").alias("course")).unique()
    pairs = later.select("run", "day", "customer_id", course="event_id").unique()
    late = pairs.join(came, on=["customer_id", "course"], how="anti")
    runs = (
        pairs.group_by("run", "day", "course")
        .agg(only=pl.col("customer_id").sort())
        .join(late.group_by("run").agg(excused=pl.col("customer_id").sort()), on="run", how="left")
        .join(events.drop("held_on", "only"), left_on="course", right_on="event_id")
        .rename({"run": "event_id", "day": "held_on"})
        .sort("event_id")
    )
    blank = [pl.lit(None, kind).alias(name) for name, kind in RUN.items()]
    whole = events.with_columns(blank)
    return pl.concat([whole, runs.select(whole.columns)])
