"""Uploads with all their parts, remembered mappings, and the counters that keep reads fresh."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

UPLOAD_STATES = ("reading", "previewed", "committed", "undone", "discarded", "failed")


class Upload(Base):
    """One file (or API batch) from arrival to undo."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint(
            "state in ('reading', 'previewed', 'committed', 'undone', 'discarded', 'failed')",
            name="state",
        ),
        Index("ix_upload_sha256_state", "sha256", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigId)
    purpose: Mapped[str] = mapped_column(String(20), default="attendance")
    format: Mapped[str | None] = mapped_column(String(40))
    label: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(Text)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the person set in the preview: mapping, statuses, day_first, zone, per-event edits."""
    summary: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    match_version: Mapped[int] = mapped_column(default=0)
    """`data_version.matching` when the preview was made."""
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unspelled: Mapped[bool | None]
    """Its spellings of people still have to be gathered: see services.uploads.spellings."""


class UploadPart(Base):
    """A piece of what an upload keeps, compressed: the original bytes, or a staged frame."""

    __tablename__ = "upload_part"

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SavedMapping(Base):
    """The columns a person chose for a layout, or (purpose `statuses`) what they said its words for a status mean;
    taken again when the layout comes again."""

    __tablename__ = "saved_mapping"

    layout_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    mapping: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DataVersion(Base):
    """Counters bumped in the transaction that changes facts, so that caches can never be stale."""

    __tablename__ = "data_version"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(BigId)


class KeptFrame(Base):
    """A frame that would be slow to read from its tables, with the data version it was made at."""

    __tablename__ = "kept_frame"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigId)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class AppSetting(Base):
    """What an admin sets in the app rather than in the environment."""

    __tablename__ = "app_setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
