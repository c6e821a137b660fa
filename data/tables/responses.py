"""What comes back: opens, clicks, replies, bounces. Raw facts stay; verdicts can be worked out again."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime


class MailLink(Base):
    """A link in a frozen mail. The token in its address leads here; the target never comes from outside."""

    __tablename__ = "mail_link"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    message_id: Mapped[str] = mapped_column(String(200), index=True)
    """Of the frozen mail it stands in, and so of the outbox row."""
    url: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    hidden: Mapped[bool] = mapped_column(default=False)
    """Not visible to a reader: whoever follows it is a scanner."""


class MailEvent(Base):
    """One hit or report about one of our mails, as it came, and what we take it for."""

    __tablename__ = "mail_event"
    __table_args__ = (
        CheckConstraint(
            "kind in ('delivered', 'open', 'click', 'unsubscribe', 'reply', 'auto_reply', 'bounce',"
            " 'complaint')",
            name="kind",
        ),
        CheckConstraint("verdict in ('human', 'unknown', 'machine')", name="verdict"),
        UniqueConstraint("source", "source_event_id"),
        Index("ix_mail_event_outbox_id_at", "outbox_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("mail_link.id"))
    method: Mapped[str | None] = mapped_column(String(10))
    ip: Mapped[str | None] = mapped_column(String(45))
    user_agent: Mapped[str | None] = mapped_column(String(500))
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    source: Mapped[str] = mapped_column(String(20), default="own")
    source_event_id: Mapped[str | None] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(10), default="unknown")
    reason: Mapped[str | None] = mapped_column(String(40))
    """Code of the rule that decided: see services.verdicts."""


class InboundMail(Base):
    """A mail that came to one of our mailboxes and concerns one we sent, or a stakeholder."""

    __tablename__ = "inbound_mail"
    __table_args__ = (
        CheckConstraint("kind in ('reply', 'auto_reply', 'bounce', 'other')", name="kind"),
        UniqueConstraint("mailbox_id", "provider_id"),
        Index("ix_inbound_mail_customer_id_at", "customer_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"))
    provider_id: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str | None] = mapped_column(String(500))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    kind: Mapped[str] = mapped_column(String(20))
    sender: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    """The new words of the mail, without what it quotes; cut to 20,000 characters."""
    status: Mapped[str | None] = mapped_column(String(20))
    """Of a bounce: the enhanced status code, such as 5.1.1."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
