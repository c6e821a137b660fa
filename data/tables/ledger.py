"""The ledger of bulk mail: every event as its vendor told it, raw and for ever, and what domains do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

SENT, DELIVERED, DEFERRED, OPEN, CLICK, REPLY, AUTO_REPLY, FORWARD = range(1, 9)
UNSUBSCRIBE, RESUBSCRIBE, COMPLAINT, SOFT_BOUNCE, HARD_BOUNCE, DROPPED = range(9, 15)
EVENT_WORDS = {
    SENT: "sent",
    DELIVERED: "delivered",
    DEFERRED: "deferred",
    OPEN: "open",
    CLICK: "click",
    REPLY: "reply",
    AUTO_REPLY: "auto_reply",
    FORWARD: "forward",
    UNSUBSCRIBE: "unsubscribe",
    RESUBSCRIBE: "resubscribe",
    COMPLAINT: "complaint",
    SOFT_BOUNCE: "soft_bounce",
    HARD_BOUNCE: "hard_bounce",
    DROPPED: "dropped",
}
MACHINE, UNKNOWN, HUMAN = 1, 2, 3
VERDICT_WORDS = {MACHINE: "machine", UNKNOWN: "unknown", HUMAN: "human"}
METHODS = ("GET", "HEAD", "POST", "OTHER")
"""`CampaignEvent.method` is the place in this list."""


class CampaignEvent(Base):
    """The ledger: what the vendors said, as it came, and what we take it for. Rows are never changed but
    for `verdict` and `reason`, and go only with an upload that is taken back.

    `key` is a 63-bit hash of the vendor's own id of the event (else of what it says): with the mail it
    makes each event count once, however often it is told. No foreign keys; every column is a number, so
    that both databases take a million rows in seconds.
    """

    __tablename__ = "campaign_event"
    __table_args__ = (
        Index("ix_campaign_event_at", "at"),
        Index(
            "ix_campaign_event_upload_id",
            "upload_id",
            sqlite_where=text("upload_id IS NOT NULL"),
            postgresql_where=text("upload_id IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    mail_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger)
    """SENT … DROPPED above."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    timed: Mapped[bool] = mapped_column(default=True)
    """False where the source has totals without times: `at` is then the campaign's."""
    times: Mapped[int] = mapped_column(default=1)
    """More than one only for totals."""
    link: Mapped[int | None] = mapped_column(BigId)
    """Key of the CampaignLink."""
    origin: Mapped[int | None] = mapped_column(BigId)
    """Key of the CampaignOrigin."""
    detail: Mapped[int | None] = mapped_column(BigId)
    """Key of the CampaignText: why it bounced, which group was left."""
    method: Mapped[int | None] = mapped_column(SmallInteger)
    flagged: Mapped[bool | None]
    """Whether the platform itself calls it automatic."""
    everything: Mapped[bool | None]
    """Of an unsubscribe: from all mail of that vendor, not from one list or group."""
    verdict: Mapped[int | None] = mapped_column(SmallInteger)
    """MACHINE, UNKNOWN or HUMAN; null until judged, and for what is not judged."""
    reason: Mapped[int | None] = mapped_column(SmallInteger)
    """Place in services.campaigns.verdicts.CODES."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    upload_id: Mapped[int | None] = mapped_column(BigId)


class CampaignOrigin(Base):
    """Where hits come from: an address and a user agent, each pair once. `key` is a hash of the two."""

    __tablename__ = "campaign_origin"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    ip: Mapped[str | None] = mapped_column(String(45))
    agent: Mapped[str | None] = mapped_column(String(300))


class CampaignText(Base):
    """Words that many events share, each once. `key` is a hash of them."""

    __tablename__ = "campaign_text"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(String(300))


class DomainHabit(Base):
    """What was learned of a recipients' domain: whether its mail is scanned before people see it."""

    __tablename__ = "domain_habit"

    domain: Mapped[str] = mapped_column(String(255), primary_key=True)
    deliveries: Mapped[int]
    clicked: Mapped[int]
    """Deliveries with a click of any kind."""
    fast: Mapped[int]
    """Deliveries with a click within two minutes."""
    machine: Mapped[int]
    """Deliveries with a click taken for a machine's."""
    scans: Mapped[bool] = mapped_column(default=False)
    hidden_opens: Mapped[int] = mapped_column(default=0)
    learned_at: Mapped[datetime] = mapped_column(UtcDateTime)
