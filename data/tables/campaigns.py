"""Bulk mail: campaigns, who got them, what each mail came to, and the rules that act on it.

What a mail has come to (CampaignMail) and what a campaign has come to (Campaign's counts) are folds of
the events (data.tables.ledger): written with them, and the same whatever order they came in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base
from data.types import BigId, UtcDateTime

CAMPAIGN_KINDS = ("announcement", "newsletter", "marketing", "product_update", "other")

_UNSETTLED = (
    "settled_at IS NULL AND (unsubscribed_at IS NOT NULL OR quarantined_at IS NOT NULL"
    " OR complained_at IS NOT NULL OR bounce = 2)"
)


class Campaign(Base):
    """One bulk mail. `vendor_key` is the vendor's id of it, or what stands for that: see
    services.campaigns.naming. Counts are of mails, one per recipient and message."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint(
            "kind in ('announcement', 'newsletter', 'marketing', 'product_update', 'other')",
            name="kind",
        ),
        CheckConstraint("kind_by in ('detected', 'person')", name="kind_by"),
        UniqueConstraint("vendor", "vendor_key"),
        Index("ix_campaign_started_at", "started_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    vendor: Mapped[str] = mapped_column(String(30))
    vendor_key: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str | None] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20), default="other")
    kind_by: Mapped[str] = mapped_column(String(10), default="detected")
    bulk: Mapped[bool | None]
    """False: mail to single people, such as receipts, that a platform told of as well; null: as told."""
    bulk_by: Mapped[str | None] = mapped_column(String(10))
    """`person` where one has said so: it stands, whatever is told later. `vendor`: the platform says so."""
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(String(10), default="webhook")
    """webhook, file, api or outbox: where it was first heard of."""
    upload_id: Mapped[int | None] = mapped_column(BigId)
    """The upload that made it, if one did."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Its first event."""
    last_event_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mails: Mapped[int] = mapped_column(default=0)
    matched: Mapped[int] = mapped_column(default=0)
    """Mails whose recipient is known to be of a customer."""
    excluded: Mapped[int] = mapped_column(default=0)
    """Mails to our own people and to test addresses: no part of what could be matched."""
    customers: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    """Raw: whatever loaded the picture, or clicked or replied without."""
    opened_human: Mapped[int] = mapped_column(default=0)
    opened_hidden: Mapped[int] = mapped_column(default=0)
    """Opened through a privacy service and no human sign beside: not the same as not opened."""
    clicked: Mapped[int] = mapped_column(default=0)
    clicked_human: Mapped[int] = mapped_column(default=0)
    replied: Mapped[int] = mapped_column(default=0)
    forwarded: Mapped[int] = mapped_column(default=0)
    unsubscribed: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    bounced_hard: Mapped[int] = mapped_column(default=0)
    bounced_soft: Mapped[int] = mapped_column(default=0)
    complained: Mapped[int] = mapped_column(default=0)
    judged: Mapped[int | None]
    """Delivered mails that are `judged`; the next three are of these. Only they make a rate of people."""
    judged_opened: Mapped[int | None]
    judged_hidden: Mapped[int | None]
    judged_clicked: Mapped[int | None]


class CampaignRecipient(Base):
    """A distinct address as seen in campaigns, and whom we take it for; as Participant has it.

    `address` is the compared form: lower case, no plus-tag. No foreign keys, as with Participant.
    """

    __tablename__ = "campaign_recipient"
    __table_args__ = (
        CheckConstraint("band in ('automatic', 'review', 'unmatched', 'excluded')", name="band"),
        Index(
            "ix_campaign_recipient_question_kind_question_key",
            "question_kind",
            "question_key",
            sqlite_where=text("question_key IS NOT NULL"),
            postgresql_where=text("question_key IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address: Mapped[str] = mapped_column(String(320), unique=True)
    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str | None] = mapped_column(String(300))
    company: Mapped[str | None] = mapped_column(String(300))
    """As a file told it."""
    domain: Mapped[str] = mapped_column(String(255))
    customer_id: Mapped[int | None] = mapped_column(BigId, index=True)
    stakeholder_id: Mapped[int | None] = mapped_column(BigId, index=True)
    band: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float]
    evidence: Mapped[str] = mapped_column(String(40))
    question_kind: Mapped[str | None] = mapped_column(String(10))
    question_key: Mapped[str | None] = mapped_column(String(300))
    candidates: Mapped[str | None] = mapped_column(Text)


class CampaignMail(Base):
    """One message to one recipient, folded from its events. No foreign keys, as with Attendance.

    `message` is a 63-bit hash of the vendor's id of the message, or of the campaign where that tells one
    message per recipient. `opens` and `clicks` count raw events; the others of their kind say how many
    of them have which verdict. Times are of the first such event.
    """

    __tablename__ = "campaign_mail"
    __table_args__ = (
        Index("uq_campaign_mail_recipient_id_message", "recipient_id", "message", unique=True),
        Index("ix_campaign_mail_campaign_id", "campaign_id"),
        Index(
            "ix_campaign_mail_unsettled",
            "id",
            sqlite_where=text(_UNSETTLED),
            postgresql_where=text(_UNSETTLED),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(BigId)
    recipient_id: Mapped[int] = mapped_column(BigId)
    message: Mapped[int] = mapped_column(BigId)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was sent; where nobody says so, its first event."""
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Also set by an event that only a delivered mail can have, and where sending alone was told and the mail
    did not come back. Null where sending was not told at all: then only those are known who did something."""
    opens: Mapped[int] = mapped_column(default=0)
    opens_human: Mapped[int] = mapped_column(default=0)
    opens_hidden: Mapped[int] = mapped_column(default=0)
    clicks: Mapped[int] = mapped_column(default=0)
    clicks_human: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    human_open_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of a human open; a human click or reply implies one."""
    clicked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    human_click_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    forwarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unsubscribed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """By a person, and not taken back since."""
    quarantined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """An unsubscribe that only a scanner seems to have pressed: for a person to look at."""
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bounce: Mapped[int] = mapped_column(SmallInteger, default=0)
    """0 none, 1 soft, 2 hard."""
    complained_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    judged: Mapped[bool | None]
    """Whether its sending was told with a time, so that no sign of a person means something: not so of totals
    without times, nor where only those were told who did something."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When what it says of further mail (leaving, bouncing, complaining) was acted on: once."""
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CampaignLink(Base):
    """A link of a campaign. `key` is a 63-bit hash of the address; `hidden` ones only scanners follow."""

    __tablename__ = "campaign_link"
    __table_args__ = ({"sqlite_with_rowid": False},)

    campaign_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(Text)
    label: Mapped[str | None] = mapped_column(String(200))
    topic: Mapped[str | None] = mapped_column(String(100))
    hidden: Mapped[bool] = mapped_column(default=False)


class CampaignRule(Base):
    """When to act on how customers take mail. `condition` and `tested`: see services.campaigns.rules.

    `built_in` is the key of one of ours; a rule of a person's has none.
    """

    __tablename__ = "campaign_rule"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'on', 'off', 'removed')", name="state"),
        CheckConstraint("action in ('draft', 'task', 'risk', 'notify')", name="action"),
        UniqueConstraint("built_in"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    built_in: Mapped[str | None] = mapped_column(String(40))
    condition: Mapped[dict[str, Any]] = mapped_column(JSON)
    window_days: Mapped[int]
    action: Mapped[str] = mapped_column(String(10))
    template: Mapped[str | None] = mapped_column(String(80))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Whose the action is; the customer's CSM when empty."""
    cap: Mapped[int]
    """At most so many firings per week, over all customers."""
    state: Mapped[str] = mapped_column(String(10), default="draft")
    tested: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What it would have done on history, when that was last looked at."""
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleFiring(Base):
    """A rule that held for a customer: once per occasion."""

    __tablename__ = "rule_firing"
    __table_args__ = (
        Index(
            "uq_rule_firing_rule_id_customer_id_occasion",
            "rule_id",
            "customer_id",
            "occasion",
            unique=True,
        ),
        Index("ix_rule_firing_customer_id_fired_at", "customer_id", "fired_at"),
        Index("ix_rule_firing_rule_id_fired_at", "rule_id", "fired_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("campaign_rule.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    stakeholder_id: Mapped[int | None] = mapped_column(ForeignKey("stakeholder.id"))
    campaign_id: Mapped[int | None] = mapped_column(BigId)
    occasion: Mapped[str] = mapped_column(String(100))
    """What makes it once: the window's start, the campaign, the mail."""
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("risk_signal.id"))
    fired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    contacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody acted on it."""
