"""Training: who began, completed and passed which course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer, require_customer
from services.attendance.seen import seen_of

STATES = ("passed", "failed", "completed", "began")
"""Completed and passed are told apart: a failed test is a course completed all the same, and many courses
have no test."""
COURSES: dict[str, Any] = {
    "event_id": pl.Int64,
    "event": pl.String,
    "person": pl.String,
    "stakeholder_id": pl.Int64,
    "state": pl.String,
    "on": pl.Date,
    "minutes": pl.Float64,
}


@dataclass(frozen=True)
class Training:
    """Counts of a person's courses, each once: `completed` holds those passed and failed too."""

    began: int
    completed: int
    passed: int
    failed: int
    last_on: date | None
    rows: pl.DataFrame
    """COURSES, the newest first."""


def training(session: Session, by: Viewer, customer_id: int) -> Training:
    """NotFound when the customer is not `by`'s to see."""
    require_customer(session, by, customer_id)
    rows = courses(seen_of(session, [customer_id]))
    states = dict(rows["state"].value_counts().iter_rows())
    done = rows.filter(pl.col("state") != "began")
    last = done["on"].max()
    return Training(
        began=rows.height,
        completed=done.height,
        passed=states.get("passed", 0),
        failed=states.get("failed", 0),
        last_on=last if isinstance(last, date) else None,
        rows=rows,
    )


def courses(seen: pl.DataFrame) -> pl.DataFrame:
    """COURSES of what is on record (`seen_of`): trainings, and whatever a learning system calls completed
    or not. Coming to a training without a word on completing it is having completed it."""
    is_course = (pl.col("type") == "training") | pl.col("completed").is_not_null()
    there = seen.filter(is_course, pl.col("status").is_in(["attended", "registered"]))
    came = (pl.col("status") == "attended") & pl.col("completed").fill_null(value=True)
    done = came | pl.col("completed").fill_null(value=False)
    state = (
        pl.when(pl.col("passed").fill_null(value=False))
        .then(pl.lit("passed"))
        .when(done & ~pl.col("passed").fill_null(value=True))
        .then(pl.lit("failed"))
        .when(done)
        .then(pl.lit("completed"))
        .otherwise(pl.lit("began"))
    )
    return (
        there.select(
            "event_id",
            "event",
            pl.coalesce("name", "email").alias("person"),
            "stakeholder_id",
            state.alias("state"),
            pl.coalesce(pl.col("joined_at").dt.date(), "held_on").alias("on"),
            "minutes",
        )
        .sort("on", "event", "person", descending=[True, False, False])
        .select(pl.col(name).cast(kind) for name, kind in COURSES.items())
    )
