"""What a task is, on its way in and on its way to a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MANUAL = "manual"
CANCELLED_FOR = "Cancelled: "
"""Begins the line above what a task says that was cancelled because its occasion is gone."""


@dataclass(frozen=True)
class NewTask:
    """`dedup_key` makes the same occasion yield one task. With `whole_day` only the day of `due_at`
    counts: the date when it is midnight UTC, else the day it is then where its owner lives. `repeats` is an RFC 5545 rule ("FREQ=WEEKLY")."""

    dedup_key: str
    title: str
    due_at: datetime
    owner_id: int | None
    customer_id: int | None = None
    stakeholder_id: int | None = None
    detail: str = ""
    whole_day: bool = True
    minutes: int = 30
    repeats: str | None = None
    source: str = MANUAL
    source_id: int | None = None


@dataclass(frozen=True)
class Closing:
    """Of a press that was to close a task. `at` is the moment by which that is taken back; None where it was
    closed already, by `by` where that is known and somebody else."""

    at: datetime | None
    by: str | None = None


@dataclass(frozen=True)
class TaskRow:
    """A task as a list shows it. `late`: its time has passed and it is still open. `snoozed_until` is
    empty when that has passed."""

    id: int
    title: str
    detail: str
    customer_id: int | None
    customer: str | None
    stakeholder: str | None
    owner_id: int | None
    owner: str | None
    due_at: datetime
    whole_day: bool
    snoozed_until: datetime | None
    repeats: str | None
    state: str
    done_at: datetime | None
    source: str
    source_id: int | None
    late: bool
