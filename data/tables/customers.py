"""Customers (accounts) and their stakeholders (contacts)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(300), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    csm_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    segment: Mapped[str | None] = mapped_column(String(100))
    industry: Mapped[str | None] = mapped_column(String(100))
    region: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[str | None] = mapped_column(String(100))
    city: Mapped[str | None] = mapped_column(String(100))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    time_zone: Mapped[str | None] = mapped_column(String(64))
    arr: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    lifecycle_stage: Mapped[str | None] = mapped_column(String(100))
    started_on: Mapped[date | None]
    renews_on: Mapped[date | None]
    churned_on: Mapped[date | None]
    reported_health: Mapped[int | None]
    """0..100 as the CRM or a person says; one part of the health score."""
    health_score: Mapped[int | None]
    """0..100, the weighted mean of what is known: see services.scoring.health."""
    interests: Mapped[list[str]] = mapped_column(JSON, default=list)
    goals: Mapped[list[str]] = mapped_column(JSON, default=list)
    challenges: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CustomerDomain(Base):
    """A mail domain of a customer. Parent and subsidiary may share one."""

    __tablename__ = "customer_domain"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    domain: Mapped[str] = mapped_column(String(255), primary_key=True, index=True)


class CustomerName(Base):
    """Another name the customer is known by, as typed."""

    __tablename__ = "customer_name"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(300), primary_key=True, index=True)


class CustomerIdentifier(Base):
    """A further identifier of the customer: another program's than the one whose is on the customer itself."""

    __tablename__ = "customer_identifier"

    identifier: Mapped[str] = mapped_column(String(100), primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), index=True
    )


class Stakeholder(Base):
    """A person at a customer."""

    __tablename__ = "stakeholder"
    __table_args__ = (
        UniqueConstraint("external_id"),
        CheckConstraint(
            "role is null or role in ('champion', 'executive_sponsor', 'admin', 'user')",
            name="role",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), index=True
    )
    external_id: Mapped[str | None] = mapped_column(String(100))
    first_name: Mapped[str] = mapped_column(String(150), default="")
    last_name: Mapped[str] = mapped_column(String(150), default="")
    title: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[str | None] = mapped_column(String(30))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(20))
    unsubscribed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StakeholderEmail(Base):
    """A mail address, as compared: lower case, no plus-tag. It belongs to one stakeholder."""

    __tablename__ = "stakeholder_email"

    email: Mapped[str] = mapped_column(String(320), primary_key=True)
    stakeholder_id: Mapped[int] = mapped_column(
        ForeignKey("stakeholder.id", ondelete="CASCADE"), index=True
    )
    shown_as: Mapped[str] = mapped_column(String(320))
    is_primary: Mapped[bool] = mapped_column(default=True)
