"""Mails on their way to a person's approval, and the words that templates bring."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

DRAFT_STATES = ("pending", "held", "second_look", "approved", "rejected", "cancelled")
SEVERITIES = ("low", "normal", "high", "critical")


class Draft(Base):
    """One mail to one stakeholder, before and after its approval. Where it goes from there is the
    outbox's to say.

    `source` and `source_id` name the record it speaks of; `dedup_key` makes the same occasion yield one
    draft. `revision` counts the edits: an approval is for one of them. `evidence` is a list of
    `{claim, fact, screen, query}`. `values` filled the template, kept to render it again and to diff.
    """

    __tablename__ = "draft"
    __table_args__ = (
        CheckConstraint(
            "state in ('pending', 'held', 'second_look', 'approved', 'rejected', 'cancelled')",
            name="state",
        ),
        CheckConstraint("severity in ('low', 'normal', 'high', 'critical')", name="severity"),
        Index("ix_draft_waiting", "owner_id", "state", "severity", "created_at", "id"),
        Index(
            "ix_draft_weighed",
            "customer_id",
            "state",
            "severity",
            "created_at",
            "expires_at",
            "not_before",
        ),
        Index("ix_draft_state_created_at", "state", "created_at"),
        Index("ix_draft_source_source_id", "source", "source_id"),
        Index(
            "ix_draft_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id is not null"),
            postgresql_where=text("merged_into_id is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    topic: Mapped[str] = mapped_column(String(40))
    """What a recipient can unsubscribe from: see services.suppression.TOPICS."""
    severity: Mapped[str] = mapped_column(String(20), default="normal")
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int] = mapped_column(ForeignKey("stakeholder.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who approves it and in whose name it goes out; nobody yet when the customer has no CSM."""
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"))
    """Which mailbox sends it; the owner's own when empty."""
    template: Mapped[str | None] = mapped_column(String(80))
    template_version: Mapped[int] = mapped_column(default=0)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[int | None] = mapped_column(BigId)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """After this it would come too late, and is no longer sent: the event has begun, the offer is over."""
    state: Mapped[str] = mapped_column(String(20), default="pending")
    why: Mapped[str | None] = mapped_column(String(500))
    """Why it is held, rejected or cancelled."""
    revision: Mapped[int] = mapped_column(default=1)
    merged_into_id: Mapped[int | None] = mapped_column(BigId)
    """The draft made of this one and another, in whose mail it goes or went out."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DraftAttachment(Base):
    """A file that goes with a draft, such as a calendar entry."""

    __tablename__ = "draft_attachment"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DraftEvent(Base):
    """Each move of a draft. Rows are only ever added."""

    __tablename__ = "draft_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    move: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    why: Mapped[str | None] = mapped_column(String(500))
    way: Mapped[str | None] = mapped_column(String(64))
    """Of one who opened it: what stands for the addresses they were shown. See services.drafts.ways."""


class FrozenMail(Base):
    """The exact bytes people approve: one per revision of a draft, with the hash of its MIME."""

    __tablename__ = "frozen_mail"
    __table_args__ = (UniqueConstraint("draft_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    revision: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    mime: Mapped[bytes] = mapped_column(LargeBinary)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(320))
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    tracking: Mapped[str] = mapped_column(String(64), unique=True)
    unsubscribe: Mapped[str] = mapped_column(String(64), unique=True)
    frozen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Approval(Base):
    """Who approved what: the hash of the frozen mail. An edit voids it; the row stays."""

    __tablename__ = "approval"
    __table_args__ = (Index("ix_approval_draft_id_revision", "draft_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    revision: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    token_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who else it may have been: it came by a token of the person's that this one made."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voided_why: Mapped[str | None] = mapped_column(String(200))


class TemplateVersion(Base):
    """Words that an admin put in the place of a template's own. Version 0 is the file's; rows stay."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    template: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    over: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """The file's words (subject, text, html) that these were last compared with."""
    note: Mapped[str] = mapped_column(String(300), default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TemplateInUse(Base):
    """Which version of a template new drafts are made with; none: the file's own."""

    __tablename__ = "template_in_use"

    template: Mapped[str] = mapped_column(String(80), primary_key=True)
    version: Mapped[int]
