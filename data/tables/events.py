"""Events, the participants seen in attendance files, and who attended what."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

EVENT_TYPES = (
    "webinar",
    "user_group",
    "training",
    "workshop",
    "conference",
    "roundtable",
    "meetup",
    "meeting",
    "other",
)
BANDS = ("automatic", "review", "unmatched", "excluded")

SELF_PACED = ("moodle", "xapi", "skilljar", "thinkific", "docebo")
"""Sources whose events are courses: people finish them each on their own day, `joined_at`."""

REGISTERED, NO_SHOW, CANCELLED, ATTENDED = 1, 2, 3, 4
STATUS_WORDS = {
    REGISTERED: "registered",
    NO_SHOW: "no_show",
    CANCELLED: "cancelled",
    ATTENDED: "attended",
}


class Event(Base):
    """Something customers can attend. `held_on` is the day in the event's own zone."""

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("status in ('planned', 'held', 'cancelled')", name="status"),
        Index("ix_event_source_source_event_id", "source", "source_event_id"),
        # Drafts and logs still name an event that was taken back: its id is never another's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300), index=True)
    type: Mapped[str] = mapped_column(String(30), default="other")
    topic: Mapped[str | None] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    held_on: Mapped[date] = mapped_column(index=True)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    duration_minutes: Mapped[float | None]
    polls_asked: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20), default="held")
    segments: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    regions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    source: Mapped[str] = mapped_column(String(30), default="generic")
    source_event_id: Mapped[str | None] = mapped_column(String(100))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    """What holding it cost, in the currency of most customers; unknown when empty."""
    created_by_upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of an event over several days; else it ends `duration_minutes` after it starts."""
    place: Mapped[str | None] = mapped_column(String(200))
    """The venue's name and street; together with `city` where one goes, nowhere when both are empty."""
    city: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[str | None] = mapped_column(String(100))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    virtual: Mapped[bool | None]
    """One can attend from one's desk; unknown when empty, as of events that a file brought."""
    join_url: Mapped[str | None] = mapped_column(Text)
    """For those who are registered."""
    registration_url: Mapped[str | None] = mapped_column(Text)
    """Where a platform takes registrations; our own page does when empty."""
    capacity: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)
    audience: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    """Whom it is for, beside `segments` and `regions`: lists under industries, roles and topics."""
    private: Mapped[bool | None]
    """For the customers that were there, registered or invited, and for no others; not so when empty."""
    reminders: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    """Minutes before the start at which registrants are reminded; the usual ones when empty."""
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_why: Mapped[str | None] = mapped_column(String(300))
    revision: Mapped[int | None]
    """How often what stands in people's calendars has changed; never when empty."""
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last given another time or place, and `moved_from` what it was before."""
    moved_from: Mapped[str | None] = mapped_column(String(700))
    start_rank: Mapped[int | None] = mapped_column(SmallInteger)
    length_rank: Mapped[int | None] = mapped_column(SmallInteger)
    """How much what tells its start and its length is worth (see services.uploads.event_times); empty where no file
    told it, or where nobody knows, as of what former versions took in."""


class Participant(Base):
    """A distinct person as seen in attendance files, and whom we take them for.

    `person_key` is the compared e-mail address, else name and company. `confidence` 0..1 and
    `evidence` (a code of `services.matching`) say how sure we are and why; `question_kind` and
    `question_key` group the participants that one answer would settle.

    No foreign keys, as with Attendance: whoever writes matches (`services.uploads`) has them from a
    book read in the same turn, and whoever removes a customer takes that turn too.
    """

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint("band in ('automatic', 'review', 'unmatched', 'excluded')", name="band"),
        Index(
            "ix_participant_question_kind_question_key",
            "question_kind",
            "question_key",
            sqlite_where=text("question_key IS NOT NULL"),
            postgresql_where=text("question_key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_key: Mapped[str] = mapped_column(String(700), unique=True)
    email: Mapped[str | None] = mapped_column(String(320))
    name: Mapped[str | None] = mapped_column(String(300))
    company: Mapped[str | None] = mapped_column(String(300))
    title: Mapped[str | None] = mapped_column(String(200))
    customer_id: Mapped[int | None] = mapped_column(BigId, index=True)
    stakeholder_id: Mapped[int | None] = mapped_column(BigId)
    band: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float]
    evidence: Mapped[str] = mapped_column(String(40))
    question_kind: Mapped[str | None] = mapped_column(String(10))
    question_key: Mapped[str | None] = mapped_column(String(300))
    candidates: Mapped[str | None] = mapped_column(Text)
    """JSON list of [customer id, confidence], best first; only where a person has to decide."""
    spellings: Mapped[str | None] = mapped_column(Text)
    """All ways in which files spell them, where there are several; see services.uploads.spellings."""


class Attendance(Base):
    """One participant at one event: the fold of every upload that spoke of it, the newest winning.

    No foreign keys: they made the load of a million rows three times slower. The one place that
    writes here (`services.uploads`) takes both ids from rows of the same transaction.
    """

    __tablename__ = "attendance"
    __table_args__ = ({"sqlite_with_rowid": False},)

    participant_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, index=True)
    status: Mapped[int] = mapped_column(SmallInteger)
    """1 registered, 2 no-show, 3 cancelled, 4 attended."""
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    minutes: Mapped[float | None]
    """Union of the joined intervals; else the platform's own figure."""
    joins: Mapped[int | None] = mapped_column(SmallInteger)
    questions: Mapped[int | None]
    polls: Mapped[int | None]
    downloads: Mapped[int | None]
    feedback: Mapped[float | None]
    spoke: Mapped[bool] = mapped_column(default=False)
    completed: Mapped[bool | None]
    passed: Mapped[bool | None]
    sessions: Mapped[str | None] = mapped_column(Text)
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    upload_id: Mapped[int] = mapped_column(BigId)
    """The upload that last changed the row."""


class AttendanceNote(Base):
    """What a participant asked or answered at an event, word for word."""

    __tablename__ = "attendance_note"
    __table_args__ = (UniqueConstraint("participant_id", "event_id", "kind", "text"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(2000))


class MatchAnswer(Base):
    """What a person told us about a domain, company name or address. Reversible, never deleted."""

    __tablename__ = "match_answer"
    __table_args__ = (
        CheckConstraint("kind in ('domain', 'name', 'email')", name="kind"),
        CheckConstraint("verdict in ('is', 'never', 'nobody')", name="verdict"),
        Index("ix_match_answer_kind_key", "kind", "key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(320))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    verdict: Mapped[str] = mapped_column(String(10))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
