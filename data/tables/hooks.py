"""What other systems send us: the deliveries as they came, and the accounts they come from."""

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
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime


class Integration(Base):
    """An account at a vendor that may send us events. Secrets are sealed; two may hold during a change."""

    __tablename__ = "integration"
    __table_args__ = (CheckConstraint("state in ('ready', 'off', 'removed')", name="state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vendor: Mapped[str] = mapped_column(String(30), index=True)
    name: Mapped[str] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(64), unique=True)
    """The unguessable last part of its hook's address."""
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10), default="ready")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HookDelivery(Base):
    """One webhook delivery, stored before it is answered; taken in by the worker, once per vendor's id."""

    __tablename__ = "hook_delivery"
    __table_args__ = (
        CheckConstraint("state in ('new', 'done', 'ignored', 'failed')", name="state"),
        UniqueConstraint("integration_id", "vendor_event_id"),
        Index(
            "ix_hook_delivery_new",
            "received_at",
            "id",
            sqlite_where=text("state = 'new'"),
            postgresql_where=text("state = 'new'"),
        ),
        Index("ix_hook_delivery_integration_id_state", "integration_id", "state"),
        Index("ix_hook_delivery_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(ForeignKey("integration.id"))
    vendor_event_id: Mapped[str] = mapped_column(String(200))
    """The vendor's own id of the event, else the hash of the body."""
    kind: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str | None] = mapped_column(String(200), index=True)
    """What belongs together, such as one webinar's occurrence."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default="new")
    error: Mapped[str | None] = mapped_column(String(500))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
