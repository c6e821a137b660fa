"""Work to do: jobs for the worker, tasks and notifications for people, and what happened with customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

JOB_STATES = ("queued", "claimed", "done", "failed")


class Job(Base):
    """Something the worker does once. `dedup_key` lets any number of clocks ask for the same."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'claimed', 'done', 'failed')", name="state"),
        Index(
            "ix_job_due",
            "due_at",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_job_claimed",
            "lease_until",
            sqlite_where=text("state = 'claimed'"),
            postgresql_where=text("state = 'claimed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    dedup_key: Mapped[str] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Task(Base):
    """Something a person has to do, with a date."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state in ('open', 'done', 'cancelled')", name="state"),
        Index("ix_task_owner_id_state_due_at", "owner_id", "state", "due_at"),
        Index("ix_task_source_source_id", "source", "source_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(200), unique=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    title: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    whole_day: Mapped[bool] = mapped_column(default=True)
    """Only the day counts, and `due_at` is midnight UTC of that date, wherever its owner lives."""
    minutes: Mapped[int] = mapped_column(default=30)
    """How long it takes, for the calendar."""
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    repeats: Mapped[str | None] = mapped_column(String(200))
    """An RFC 5545 rule without DTSTART, such as FREQ=WEEKLY; done, the next one is made."""
    state: Mapped[str] = mapped_column(String(20), default="open")
    source: Mapped[str] = mapped_column(String(40), default="manual")
    source_id: Mapped[int | None] = mapped_column(BigId)
    calendar_id: Mapped[str | None] = mapped_column(String(200))
    """Of the entry in the owner's calendar, where one is connected."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Notification(Base):
    """Something a person should know today. `actions` are `{label, screen, query}`."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("person_id", "dedup_key"),
        Index("ix_notification_person_id_done_at_at", "person_id", "done_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    dedup_key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text, default="")
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    urgent: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TimelineEntry(Base):
    """Something that happened with a customer and is not itself a fact elsewhere. Rows are only ever added:
    what turned out not to be so is marked as withdrawn, and its `dedup_key` is free again."""

    __tablename__ = "timeline_entry"
    __table_args__ = (
        UniqueConstraint("dedup_key"),
        Index("ix_timeline_entry_customer_id_at", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    title: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(Text, default="")
    screen: Mapped[str | None] = mapped_column(String(40))
    query: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
