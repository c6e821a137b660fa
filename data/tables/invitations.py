"""Invitations to events: who was asked and why, what they answered, and the model that ranks them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

INVITATION_STATES = (
    "drafted",
    "approved",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "undelivered",
    "registered",
    "declined",
    "attended",
    "missed",
    "no_response",
    "withdrawn",
)
ARMS = ("recommended", "explored", "chosen", "holdout")
SEATS = ("virtual", "in_person")


class EventOffer(Base):
    """Something that makes coming easier, such as a discount, for some segments or all, until a day."""

    __tablename__ = "event_offer"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(60))
    detail: Mapped[str | None] = mapped_column(String(500))
    deadline: Mapped[date | None]
    """The last day it holds, in the event's zone."""
    segments: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """For whom; for everybody when empty."""


class Invitation(Base):
    """One stakeholder asked to one event. Its first mail is `draft_id`; reminders are drafts of their own
    whose source is the registration.

    `state` is the furthest of what is known: see services.invitations.states. `arm` says how the customer
    came to be asked, `propensity` with what probability (0..1), `features` what the model saw, `chance`
    (0..1) what it said. `reasons` are `{code, sentence, feature, weight, evidence}`.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(
            "state in ('drafted', 'approved', 'sent', 'delivered', 'opened', 'clicked', 'undelivered',"
            " 'registered', 'declined', 'attended', 'missed', 'no_response', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("arm in ('recommended', 'explored', 'chosen', 'holdout')", name="arm"),
        CheckConstraint("seat in ('virtual', 'in_person')", name="seat"),
        UniqueConstraint("event_id", "stakeholder_id"),
        Index("ix_invitation_event_id_state", "event_id", "state"),
        Index("ix_invitation_customer_id_created_at", "customer_id", "created_at"),
        Index("ix_invitation_stakeholder_id_created_at", "stakeholder_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int] = mapped_column(ForeignKey("stakeholder.id"))
    seat: Mapped[str] = mapped_column(String(10), default="virtual")
    sessions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Picked for this person: `{session_id, title, why}`."""
    offer_id: Mapped[int | None] = mapped_column(BigId)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    features: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    chance: Mapped[float | None]
    arm: Mapped[str] = mapped_column(String(12), default="chosen")
    propensity: Mapped[float | None]
    model_version: Mapped[int | None]
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    """The last part of the link to answer with; 128 random bits, names nobody."""
    state: Mapped[str] = mapped_column(String(12), default="drafted")
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), index=True)
    """The one without an answer that led to asking this other person."""
    declined_why: Mapped[str | None] = mapped_column(String(500))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waits_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """On the waiting list of an event without a free seat; not so when empty."""
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationEvent(Base):
    """Each move of an invitation. Rows are only ever added."""

    __tablename__ = "invitation_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    from_state: Mapped[str | None] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    why: Mapped[str | None] = mapped_column(String(500))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who moved it; what came in when empty."""


class Registration(Base):
    """Somebody who means to come to an event, by whatever way we learned of it; one per address.

    `invitation_id` is the invitation it answers, also when it came under another address of the same
    person, or from a colleague. `source_ref` is the platform's own number of it.
    """

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint(
            "state in ('registered', 'cancelled', 'attended', 'no_show')", name="state"
        ),
        CheckConstraint("source in ('link', 'webhook', 'file', 'api', 'person')", name="source"),
        CheckConstraint("seat is null or seat in ('virtual', 'in_person')", name="seat"),
        UniqueConstraint("event_id", "email"),
        Index("ix_registration_customer_id_at", "customer_id", "at"),
        Index("ix_registration_stakeholder_id", "stakeholder_id"),
        Index("ix_registration_invitation_id", "invitation_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    email: Mapped[str] = mapped_column(String(320))
    """As compared: lower case, no plus-tag."""
    name: Mapped[str | None] = mapped_column(String(300))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"))
    seat: Mapped[str | None] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    source_ref: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12), default="registered")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When they registered."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Recommendation(Base):
    """The log of the ranking: whom it put where for an event, and with what probability. Rows are only
    ever added; the last `made_at` of an event is the one in force."""

    __tablename__ = "recommendation"
    __table_args__ = (
        CheckConstraint("arm in ('recommended', 'explored', 'chosen', 'holdout')", name="arm"),
        Index("ix_recommendation_event_id_made_at_rank", "event_id", "made_at", "rank"),
        Index("ix_recommendation_customer_id_made_at", "customer_id", "made_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(BigId)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rank: Mapped[int]
    arm: Mapped[str] = mapped_column(String(12))
    propensity: Mapped[float]
    chance: Mapped[float]
    model_version: Mapped[int]


class FitModel(Base):
    """A fit of the ranking's weights. The newest one that was `kept` is in use.

    Losses are mean log-losses on the last event, of the weights before and of these. `calibration` is a
    list of `{low, high, rows, said, came}` by tenth of the chance.
    """

    __tablename__ = "fit_model"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    weights: Mapped[dict[str, float]] = mapped_column(JSON)
    fitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rows: Mapped[int]
    events: Mapped[int]
    log_loss_before: Mapped[float | None]
    log_loss_after: Mapped[float | None]
    kept: Mapped[bool]
    why: Mapped[str | None] = mapped_column(String(300))
    """Why it was not kept."""
    calibration: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class TopicDismissal(Base):
    """A customer does not want to hear about a topic; it counts against events on it until withdrawn."""

    __tablename__ = "topic_dismissal"
    __table_args__ = (
        Index(
            "ix_topic_dismissal_customer_id",
            "customer_id",
            sqlite_where=text("withdrawn_at is null"),
            postgresql_where=text("withdrawn_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    topic: Mapped[str] = mapped_column(String(200))
    event_id: Mapped[int | None] = mapped_column(BigId)
    """The event at whose recommendation it was said."""
    why: Mapped[str | None] = mapped_column(Text)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
