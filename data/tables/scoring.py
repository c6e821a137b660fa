"""The current score of every customer, and the versions of the weights."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime


class WeightSet(Base):
    """One published (or withdrawn) version of the weights; the newest published one counts."""

    __tablename__ = "weight_set"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    weights: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`{"default": {component: points}, "by_segment": {segment: {component: points}}}`."""
    note: Mapped[str] = mapped_column(Text, default="")
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CustomerScore(Base):
    """The current board, one row per customer, written with the facts it is made of.

    `facts` holds the raw counts behind the five components as JSON, so that "why 82" reads one row.
    """

    __tablename__ = "customer_score"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    as_of: Mapped[date]
    weight_version: Mapped[int]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(20))
    band: Mapped[str | None] = mapped_column(String(10))
    rank: Mapped[int | None]
    percentile: Mapped[float | None]
    frequency: Mapped[float | None]
    recency: Mapped[float | None]
    diversity: Mapped[float | None]
    depth: Mapped[float | None]
    consistency: Mapped[float | None]
    attended: Mapped[int]
    eligible: Mapped[int]
    people: Mapped[int]
    last_attended: Mapped[date | None]
    trend: Mapped[str] = mapped_column(String(10))
    facts: Mapped[str] = mapped_column(Text)
