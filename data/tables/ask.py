"""What people asked on the page Ask, and what they were told: so that a closed tab loses nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime


class AskTurn(Base):
    """A question and its answer. `blocks` are those of services.ask.answers; `spoken_of` is what words such as
    "the webinar" or "them" mean afterwards; `deeds` are (kind, id) that can be taken back."""

    __tablename__ = "ask_turn"
    __table_args__ = (
        Index("ix_ask_turn_person_id_id", "person_id", "id"),
        Index("ix_ask_turn_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said: Mapped[str] = mapped_column(Text)
    blocks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    customers: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Whom the answer names: it is shown only while all of them are the person's to see."""
    spoken_of: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    deeds: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Nobody is shown it any more, and it goes soon."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
