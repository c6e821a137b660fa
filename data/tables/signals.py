"""What scores and attendance call for: risk signals, advocacy opportunities, health and its causes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

OPPORTUNITY_STAGES = ("identified", "asked", "agreed", "delivered", "declined")


class RiskSignal(Base):
    """A reason to worry about a customer: opened once, closed on recovery, then quiet for a while.

    `facts` are the figures the `sentence` rests on, as of `as_of`; both are those of the last look.
    """

    __tablename__ = "risk_signal"
    __table_args__ = (
        CheckConstraint("level in ('watch', 'alert')", name="level"),
        CheckConstraint("state in ('open', 'acknowledged', 'closed')", name="state"),
        Index(
            "uq_risk_signal_open",
            "customer_id",
            "kind",
            unique=True,
            sqlite_where=text("state != 'closed'"),
            postgresql_where=text("state != 'closed'"),
        ),
        Index("ix_risk_signal_state_opened_at", "state", "opened_at"),
        Index("ix_risk_signal_customer_id_kind", "customer_id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str] = mapped_column(String(30))
    level: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default="open")
    sentence: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    as_of: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it last held."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_why: Mapped[str | None] = mapped_column(String(500))


class RiskSignalEvent(Base):
    """Each move of a signal. Rows are only ever added."""

    __tablename__ = "risk_signal_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("risk_signal.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    move: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    sentence: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str | None] = mapped_column(String(500))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Opportunity(Base):
    """A customer asked to speak for us: as a reference, in a case study, on the advisory board, on stage."""

    __tablename__ = "opportunity"
    __table_args__ = (
        CheckConstraint(
            "stage in ('identified', 'asked', 'agreed', 'delivered', 'declined')", name="stage"
        ),
        Index("ix_opportunity_customer_id_created_at", "customer_id", "created_at"),
        Index("ix_opportunity_stage_created_at", "stage", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    types: Mapped[list[str]] = mapped_column(JSON)
    champion_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    stage: Mapped[str] = mapped_column(String(20), default="identified")
    notes: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[int | None]
    """The engagement score when it was made."""
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OpportunityEvent(Base):
    """Each move of an opportunity. Rows are only ever added."""

    __tablename__ = "opportunity_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_stage: Mapped[str | None] = mapped_column(String(20))
    to_stage: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class HealthChange(Base):
    """Each change of a customer's health, and what caused it. Rows are only ever added.

    `health` is the weighted mean of the parts that are known, 0..100; `parts` are
    `{name: {value, weight}}` as they were.
    """

    __tablename__ = "health_change"
    __table_args__ = (Index("ix_health_change_customer_id_at", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[int | None]
    health: Mapped[int | None]
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    cause: Mapped[str] = mapped_column(String(300))


class EventSession(Base):
    """A part of an event: who spoke about what, and what one could take away from it."""

    __tablename__ = "event_session"
    __table_args__ = (Index("ix_event_session_event_id_position", "event_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    speaker: Mapped[str | None] = mapped_column(String(200))
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    takeaways: Mapped[list[str]] = mapped_column(JSON, default=list)
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    minutes: Mapped[int | None]
    kind: Mapped[str | None] = mapped_column(String(20))
    """Talk, roundtable, workshop, …; see services.invitations.catalogue."""
    description: Mapped[str | None] = mapped_column(Text)
    """What one gets from it, in a sentence."""
    room: Mapped[str | None] = mapped_column(String(100))
    virtual: Mapped[bool | None]
    """Can be attended from one's desk; as the event can when empty."""


class EventResource(Base):
    """Something to pass on after an event: recording, slides, guide."""

    __tablename__ = "event_resource"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("event_session.id"))
    title: Mapped[str] = mapped_column(String(300))
    url: Mapped[str] = mapped_column(Text)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)


class FollowUp(Base):
    """One customer at one event, from the moment we learned of it: the clock of what was promised.

    `no_show` when they had registered and nobody came. Times are empty until it happened.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("uq_follow_up_event_id_customer_id", "event_id", "customer_id", unique=True),
        Index("ix_follow_up_customer_id_detected_at", "customer_id", "detected_at"),
        Index("ix_follow_up_detected_at", "detected_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    no_show: Mapped[bool] = mapped_column(default=False)
    people: Mapped[int]
    detected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    drafted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waived_why: Mapped[str | None] = mapped_column(String(300))
    """A person's reason for not following up; it stays in the list of what was not done."""
