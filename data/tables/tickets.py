"""Support tickets as a customer's desk keeps them, and what we do after they are solved.

What a ticket is now (Ticket) is a fold of what was told of it (TicketState, TicketMessage): written with
them, and the same whatever order they came in.
"""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

TICKET_STATES = ("new", "open", "pending", "on_hold", "solved", "closed", "deleted")
TICKET_LEVELS = ("acknowledge", "satisfaction_check", "relationship_repair")
SENTIMENTS = ("unknown", "calm", "negative", "angry")


class TicketRequester(Base):
    """A distinct person as seen in tickets, and whom we take them for; as Participant has it.

    `person_key` is the address as compared, or name and organisation where a desk tells no address. No
    foreign keys, as with Participant.
    """

    __tablename__ = "ticket_requester"
    __table_args__ = (
        CheckConstraint("band in ('automatic', 'review', 'unmatched', 'excluded')", name="band"),
        Index(
            "ix_ticket_requester_question_kind_question_key",
            "question_kind",
            "question_key",
            sqlite_where=text("question_key IS NOT NULL"),
            postgresql_where=text("question_key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_key: Mapped[str] = mapped_column(String(640), unique=True)
    email: Mapped[str | None] = mapped_column(String(320))
    name: Mapped[str | None] = mapped_column(String(300))
    organisation: Mapped[str | None] = mapped_column(String(300))
    ref: Mapped[str | None] = mapped_column(String(150), index=True)
    """The desk and its own id of the person: some hooks tell nothing else."""
    customer_id: Mapped[int | None] = mapped_column(BigId, index=True)
    stakeholder_id: Mapped[int | None] = mapped_column(BigId, index=True)
    band: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float]
    evidence: Mapped[str] = mapped_column(String(40))
    question_kind: Mapped[str | None] = mapped_column(String(10))
    question_key: Mapped[str | None] = mapped_column(String(300))
    candidates: Mapped[str | None] = mapped_column(Text)


class TicketCluster(Base):
    """Tickets of one customer with one root cause: they get one follow-up."""

    __tablename__ = "ticket_cluster"
    __table_args__ = (
        CheckConstraint("found_by in ('alone', 'words', 'link', 'person')", name="found_by"),
        Index("ix_ticket_cluster_customer_id_last_at", "customer_id", "last_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(String(500))
    found_by: Mapped[str] = mapped_column(String(10), default="alone")
    """How its tickets were found to belong together: by their words, by the desk's link, by a person."""
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its newest ticket was opened."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Ticket(Base):
    """One ticket at one desk. Customer and stakeholder are its requester's, and follow them.

    `desk` names whose numbers they are: the vendor, with the id of the account where there are several.
    Minutes are of the clock on the wall. No foreign keys to customers, as with Attendance.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(
            "state in ('new', 'open', 'pending', 'on_hold', 'solved', 'closed', 'deleted')",
            name="state",
        ),
        CheckConstraint("severity in ('urgent', 'high', 'normal', 'low')", name="severity"),
        CheckConstraint("csat in ('good', 'bad', 'offered')", name="csat"),
        CheckConstraint("sentiment in ('unknown', 'calm', 'negative', 'angry')", name="sentiment"),
        CheckConstraint(
            "level in ('acknowledge', 'satisfaction_check', 'relationship_repair')", name="level"
        ),
        UniqueConstraint("desk", "number_key"),
        Index("ix_ticket_number_key", "number_key"),
        Index("ix_ticket_customer_id_opened_at", "customer_id", "opened_at"),
        Index("ix_ticket_customer_id_solved_at", "customer_id", "solved_at"),
        Index("ix_ticket_state_updated_at", "state", "updated_at"),
        Index("ix_ticket_level_solved_at", "level", "solved_at"),
        Index("ix_ticket_updated_at", "updated_at"),
        Index("ix_ticket_solved_at", "solved_at"),
        Index("ix_ticket_requester_id", "requester_id"),
        Index("ix_ticket_cluster_id", "cluster_id"),
        Index(
            "ix_ticket_upload_id",
            "upload_id",
            sqlite_where=text("upload_id IS NOT NULL"),
            postgresql_where=text("upload_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    desk: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(100))
    """As the desk shows it to people."""
    number_key: Mapped[str] = mapped_column(String(100))
    """The same as compared: lower case, without # and spaces."""
    url: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10))
    severity: Mapped[str | None] = mapped_column(String(10))
    """None where the desk does not say."""
    kind: Mapped[str | None] = mapped_column(String(40))
    """What the desk calls it: incident, question, …"""
    channel: Mapped[str | None] = mapped_column(String(40))
    area: Mapped[str | None] = mapped_column(String(200))
    """The part of the product."""
    tags: Mapped[str | None] = mapped_column(Text)
    """One per line."""
    requester_id: Mapped[int | None] = mapped_column(BigId)
    customer_id: Mapped[int | None] = mapped_column(BigId)
    stakeholder_id: Mapped[int | None] = mapped_column(BigId)
    agent: Mapped[str | None] = mapped_column(String(200))
    team: Mapped[str | None] = mapped_column(String(200))
    people: Mapped[int] = mapped_column(default=1)
    """People of the customer who wrote in it, the requester included."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    solved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last solved; empty while it is open again."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """At the desk."""
    first_reply_minutes: Mapped[int | None]
    replies: Mapped[int | None]
    reopens: Mapped[int] = mapped_column(default=0)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    escalated_to: Mapped[str | None] = mapped_column(String(100))
    csat: Mapped[str | None] = mapped_column(String(10))
    """`offered`: the desk has asked and heard nothing yet."""
    csat_comment: Mapped[str | None] = mapped_column(Text)
    csat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolution: Mapped[str | None] = mapped_column(Text)
    sentiment: Mapped[str] = mapped_column(String(10), default="unknown")
    """Of the customer's own words."""
    phrases: Mapped[str | None] = mapped_column(Text)
    """The words that the sentiment rests on, one per line."""
    level: Mapped[str | None] = mapped_column(String(20))
    """The level in force: the rubric's, or what a person made of it. None before it is solved."""
    points: Mapped[int | None]
    cluster_id: Mapped[int | None] = mapped_column(BigId)
    source: Mapped[str] = mapped_column(String(10))
    """webhook, file or api: where it was first heard of."""
    upload_id: Mapped[int | None] = mapped_column(BigId)
    """The upload that made it, if one did."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketState(Base):
    """Each change that a desk told of. Rows are only ever added; `key` is the vendor's id of it, or what it
    says."""

    __tablename__ = "ticket_state"
    __table_args__ = (
        CheckConstraint("what in ('state', 'severity', 'escalation', 'csat')", name="what"),
        UniqueConstraint("ticket_id", "key"),
        Index("ix_ticket_state_ticket_id_at", "ticket_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(150))
    what: Mapped[str] = mapped_column(String(10))
    before: Mapped[str | None] = mapped_column(String(100))
    """None where nobody says what it was."""
    value: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(10))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketMessage(Base):
    """What somebody wrote in a ticket, as it came: quotes and log lines are taken out when it is read."""

    __tablename__ = "ticket_message"
    __table_args__ = (
        CheckConstraint("author in ('customer', 'agent', 'system')", name="author"),
        UniqueConstraint("ticket_id", "key"),
        Index("ix_ticket_message_ticket_id_at", "ticket_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(150))
    author: Mapped[str] = mapped_column(String(10))
    requester_id: Mapped[int | None] = mapped_column(BigId)
    """Who of the customer's people wrote it."""
    internal: Mapped[bool] = mapped_column(default=False)
    """A note that the customer never saw: never quoted to them."""
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TicketLevel(Base):
    """How a ticket was weighed. Rows are only ever added; the newest is in force.

    `parts` are `[{code, points, words}]`. `level` differs from `rule_level` when a person overrode it.
    """

    __tablename__ = "ticket_level"
    __table_args__ = (
        CheckConstraint(
            "level in ('acknowledge', 'satisfaction_check', 'relationship_repair')", name="level"
        ),
        Index("ix_ticket_level_ticket_id", "ticket_id"),
        Index(
            "ix_ticket_level_overridden",
            "at",
            sqlite_where=text("by_id IS NOT NULL"),
            postgresql_where=text("by_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    points: Mapped[int]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    rule_level: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(20))
    why: Mapped[str | None] = mapped_column(String(500))
    """A person's reason to override."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
