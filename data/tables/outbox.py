"""Approved mail on its way out: mailboxes, the send queue, touches, and whom not to write to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

OUTBOX_STATES = (
    "queued",
    "claimed",
    "wire",
    "sent",
    "unknown",
    "review",
    "failed",
    "blocked",
    "cancelled",
)
SUPPRESSION_REASONS = ("unsubscribed", "hard_bounce", "complaint", "manual", "imported")


class Mailbox(Base):
    """An account mail leaves from. Without a person it serves everybody who has none of their own.

    `secret` is encrypted (services.mailboxes.vault); `cursor` is how far replies have been read.
    """

    __tablename__ = "mailbox"
    __table_args__ = (
        CheckConstraint("kind in ('eml', 'smtp', 'gmail')", name="kind"),
        CheckConstraint("state in ('ready', 'paused', 'revoked', 'removed')", name="state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(320))
    display_name: Mapped[str] = mapped_column(String(200), default="")
    signature: Mapped[str] = mapped_column(Text, default="")
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Host, port, encryption, user name, folder: whatever is no secret."""
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    per_minute: Mapped[int] = mapped_column(default=30)
    per_day: Mapped[int] = mapped_column(default=500)
    state: Mapped[str] = mapped_column(String(20), default="ready")
    why: Mapped[str | None] = mapped_column(String(500))
    """Why it is paused or revoked, as its owner reads it."""
    cursor: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxMail(Base):
    """One message to one recipient, from approval to its end; each is handed to the provider once.

    `token`, `lease_until`: whose work it is and until when; every later write is fenced by the token.
    `wire_at` is set, and committed, before the provider is called: from then on it may have gone out.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "state in ('queued', 'claimed', 'wire', 'sent', 'unknown', 'review', 'failed',"
            " 'blocked', 'cancelled')",
            name="state",
        ),
        Index(
            "ix_outbox_due",
            "due_at",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_outbox_open",
            "state",
            "lease_until",
            sqlite_where=text("state in ('claimed', 'wire', 'unknown')"),
            postgresql_where=text("state in ('claimed', 'wire', 'unknown')"),
        ),
        Index("ix_outbox_state_updated_at", "state", "updated_at"),
        Index("ix_outbox_mailbox_id_wire_at", "mailbox_id", "wire_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(240), unique=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(300))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    approved_hash: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    tracking: Mapped[str] = mapped_column(String(64), unique=True)
    """The open pixel's token; 128 random bits, names nobody."""
    unsubscribe: Mapped[str] = mapped_column(String(64), unique=True)
    """The unsubscribe link's token; names this recipient and this mail's topic, and never ends."""
    state: Mapped[str] = mapped_column(String(20), default="queued")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wire_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider_draft_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    provider_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    thread_id: Mapped[str | None] = mapped_column(String(200), index=True)
    reply: Mapped[str | None] = mapped_column(String(500))
    """What the provider answered, in its words; never unique."""
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why it waits, failed or was blocked, as the queue page shows it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutboxEvent(Base):
    """Each move of a message in the queue. Rows are only ever added."""

    __tablename__ = "outbox_event"
    __table_args__ = (
        Index(
            "ix_outbox_event_calls",
            "mailbox_id",
            "at",
            sqlite_where=text("mailbox_id is not null"),
            postgresql_where=text("mailbox_id is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    why: Mapped[str | None] = mapped_column(String(500))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who moved it; the worker when empty."""
    mailbox_id: Mapped[int | None] = mapped_column(BigId)
    """Of a move onto the wire: the mailbox whose provider was called, so that its calls can be counted."""


class Suppression(Base):
    """An address nobody may be written at: for one topic, or (topic empty) at all. Lifted, not deleted."""

    __tablename__ = "suppression"
    __table_args__ = (
        CheckConstraint(
            "reason in ('unsubscribed', 'hard_bounce', 'complaint', 'manual', 'imported')",
            name="reason",
        ),
        Index(
            "uq_suppression_active",
            "email",
            "topic",
            unique=True,
            sqlite_where=text("lifted_at is null"),
            postgresql_where=text("lifted_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(320))
    topic: Mapped[str] = mapped_column(String(40), default="")
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Touch(Base):
    """A contact with a stakeholder that counts against the caps: written with the wire mark of a mail,
    or by a person for a call or meeting, also by having done the task to call."""

    __tablename__ = "touch"
    __table_args__ = (
        Index("ix_touch_stakeholder_id_at", "stakeholder_id", "at"),
        Index("ix_touch_customer_id_at", "customer_id", "at"),
        CheckConstraint("channel in ('mail', 'call', 'meeting', 'other')", name="channel"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(300))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), unique=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it turned out not to have happened: the provider refused the mail, the call is to be made yet."""
