"""What we do after tickets are solved: follow-ups, the ratings they ask for and what they promise."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

_OPEN = "state in ('waiting', 'drafted')"


class TicketFollowUp(Base):
    """One follow-up for one root cause, from its reason to what came of it. At most one is open for each."""

    __tablename__ = "ticket_follow_up"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'drafted', 'sent', 'withdrawn', 'left')", name="state"
        ),
        CheckConstraint("reason in ('severe', 'several', 'at_risk', 'command')", name="reason"),
        CheckConstraint(
            "level in ('acknowledge', 'satisfaction_check', 'relationship_repair')", name="level"
        ),
        Index(
            "uq_ticket_follow_up_open",
            "cluster_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_ticket_follow_up_customer_id_created_at", "customer_id", "created_at"),
        Index("ix_ticket_follow_up_state_due_at", "state", "due_at"),
        Index("ix_ticket_follow_up_sent_at", "sent_at"),
        Index("ix_ticket_follow_up_draft_id", "draft_id"),
        Index("ix_ticket_follow_up_ticket_id", "ticket_id"),
        Index("ix_ticket_follow_up_cluster_id", "cluster_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    chosen: Mapped[bool | None]
    """Whether a person chose whom it goes to."""
    cluster_id: Mapped[int] = mapped_column(ForeignKey("ticket_cluster.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    """The ticket that it speaks of first: the gravest."""
    reason: Mapped[str] = mapped_column(String(10))
    level: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    """`left`: nothing is sent, because that was decided or because its mail was given up; `why` says which."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The end of the hold-off: no draft before."""
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    carrier_id: Mapped[int | None] = mapped_column(BigId)
    """The follow-up whose mail speaks for this root cause as well; both have that mail's draft."""
    why: Mapped[str | None] = mapped_column(String(300))
    """Why it was withdrawn or left."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Rating(Base):
    """One rating asked of one person; `score` stays empty until they press one. The link is signed, as those
    of tracking are."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("score between 1 and 5", name="score"),
        Index("ix_rating_customer_id_rated_at", "customer_id", "rated_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("ticket_follow_up.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    score: Mapped[int | None] = mapped_column(SmallInteger)
    comment: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Promise(Base):
    """Something a follow-up promises to do, and the task that it became when the mail left."""

    __tablename__ = "promise"
    __table_args__ = (
        CheckConstraint("state in ('said', 'set', 'dropped')", name="state"),
        UniqueConstraint("follow_up_id", "position"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("ticket_follow_up.id"))
    position: Mapped[int]
    """Its place in the text."""
    sentence: Mapped[str] = mapped_column(Text)
    """As the mail says it."""
    what: Mapped[str] = mapped_column(String(300))
    days: Mapped[int]
    """After sending."""
    state: Mapped[str] = mapped_column(String(10), default="said")
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
