"""Mails of our own that went out in bulk, in the same ledger as everybody else's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Campaign, Draft, MailEvent, MailLink, OutboxMail, ledger
from integrations.hooks.mail import MAIL_EVENTS
from services.campaigns.dictionaries import HIDDEN
from services.campaigns.intake import take_in
from services.campaigns.source import Source

BULK = 5
"""Mails of one kind about one thing, from which on they are a campaign."""
MEMORY = timedelta(days=60)
RECENT = timedelta(days=3)
"""Events this young are looked at each time; older ones are in the ledger already."""
OWN = Source("own", "CSCX Engage", "outbox")
_KINDS = {
    "sent": ledger.SENT,
    "delivered": ledger.DELIVERED,
    "open": ledger.OPEN,
    "click": ledger.CLICK,
    "unsubscribe": ledger.UNSUBSCRIBE,
    "reply": ledger.REPLY,
    "auto_reply": ledger.AUTO_REPLY,
    "bounce": ledger.SOFT_BOUNCE,
    "complaint": ledger.COMPLAINT,
}
_GROUP: dict[str, Any] = {"source": pl.String, "source_id": pl.Int64, "kind": pl.String}
_EVENT: dict[str, Any] = {
    "outbox_id": pl.Int64,
    "event_id": pl.Int64,
    "what": pl.String,
    "at": pl.Datetime("us", "UTC"),
    "url": pl.String,
    "hidden": pl.Boolean,
    "method": pl.String,
    "ip": pl.String,
    "agent": pl.String,
}


def take_in_own(session: Session, *, now: datetime) -> int:
    """How many events were new. Again and again comes to the same: each has its number."""
    groups = _groups(session, now)
    new = 0
    for source, source_id, kind in groups.iter_rows():
        key = f"{source}:{source_id}:{kind}"
        known = session.scalar(
            select(exists().where(Campaign.vendor == OWN.vendor, Campaign.vendor_key == key))
        )
        since = now - (RECENT if known else MEMORY)
        events = _events(session, (source, source_id, kind), key, since)
        if not events.is_empty():
            new += take_in(session, OWN, events, now=now).new
    return new


def _groups(session: Session, now: datetime) -> pl.DataFrame:
    o = OutboxMail
    statement = (
        select(Draft.source, Draft.source_id, o.kind)
        .join(Draft, Draft.id == o.draft_id)
        .where(o.sent_at >= now - MEMORY, Draft.source_id.is_not(None))
        .group_by(Draft.source, Draft.source_id, o.kind)
        .having(func.count() >= BULK)
        .order_by(Draft.source, Draft.source_id, o.kind)
    )
    return read_frame(session, statement, _GROUP)


def _events(
    session: Session, group: tuple[str, int, str], key: str, since: datetime
) -> pl.DataFrame:
    """integrations.hooks.mail.MAIL_EVENTS of the mails of a group."""
    mails = _mails(session, group)
    told = pl.concat([_sent(mails, since), _told(session, group, since)])
    whole = told.join(mails, on="outbox_id").with_columns(
        kind=pl.col("what").replace_strict(_KINDS, return_dtype=pl.Int16),
        campaign=pl.lit(key),
        campaign_name=pl.format("{}: {}", pl.lit(_named(group[2])), pl.col("subject")),
        event_id=pl.format("{}:{}", "what", "event_id"),
        url=pl.when("hidden").then(pl.lit(HIDDEN)).otherwise("url"),
        method=pl.col("method").replace_strict(
            {word: place for place, word in enumerate(ledger.METHODS)},
            default=len(ledger.METHODS) - 1,
            return_dtype=pl.Int16,
        ),
        at=pl.col("at").dt.replace_time_zone(None),
        everything=pl.when(pl.col("what") == "unsubscribe").then(pl.lit(value=False)),
        timed=pl.lit(value=True),
        times=pl.lit(1),
    )
    lacking = [
        pl.lit(None, kind).alias(n) for n, kind in MAIL_EVENTS.items() if n not in whole.columns
    ]
    return whole.with_columns(lacking).select(
        pl.col(name).cast(kind) for name, kind in MAIL_EVENTS.items()
    )


def _mails(session: Session, group: tuple[str, int, str]) -> pl.DataFrame:
    o = OutboxMail
    statement = (
        select(o.id, o.recipient, o.subject, o.message_id, o.sent_at)
        .join(Draft, Draft.id == o.draft_id)
        .where(*_of(group), o.sent_at.is_not(None))
    )
    schema = {
        "outbox_id": pl.Int64,
        "email": pl.String,
        "subject": pl.String,
        "message": pl.String,
        "sent_at": pl.Datetime("us", "UTC"),
    }
    return read_frame(session, statement, schema)


def _of(group: tuple[str, int, str]) -> tuple[Any, ...]:
    source, source_id, kind = group
    return Draft.source == source, Draft.source_id == source_id, OutboxMail.kind == kind


def _sent(mails: pl.DataFrame, since: datetime) -> pl.DataFrame:
    lacking = {name: pl.lit(None, kind) for name, kind in _EVENT.items()}
    rows = mails.filter(pl.col("sent_at") >= since)
    return rows.select(
        **lacking
        | {
            "outbox_id": pl.col("outbox_id"),
            "event_id": pl.col("outbox_id"),
            "what": pl.lit("sent"),
            "at": pl.col("sent_at"),
        }
    )


def _told(session: Session, group: tuple[str, int, str], since: datetime) -> pl.DataFrame:
    e, o = MailEvent, OutboxMail
    statement = (
        select(
            e.outbox_id, e.id, e.kind, e.at, MailLink.url,
            func.coalesce(MailLink.hidden, literal(value=False)), e.method, e.ip, e.user_agent,
        )
        .join(o, o.id == e.outbox_id)
        .join(Draft, Draft.id == o.draft_id)
        .outerjoin(MailLink, MailLink.id == e.link_id)
        .where(*_of(group), e.at >= since)
    )  # fmt: skip
    return read_frame(session, statement, _EVENT)


def _named(kind: str) -> str:
    """`follow_up.thanks` as people read it."""
    return kind.replace("_", " ").replace(".", ", ").capitalize()
