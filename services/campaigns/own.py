"""Mails of our own that went out in bulk, in the same ledger as everybody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import AppSetting, Campaign, Draft, MailEvent, MailLink, OutboxMail, ledger
from integrations.hooks.mail import MAIL_EVENTS
from services.campaigns.bulk import BULK
from services.campaigns.dictionaries import HIDDEN
from services.campaigns.intake import take_in
from services.campaigns.source import Source
from services.drafts.wholes import carrier
from services.matching.turn import take_turn

MEMORY = timedelta(days=60)
RECENT = timedelta(days=3)
"""What happened this long before the last reading is looked at again; what is older is in the ledger, but
for events that were recorded since."""
_READ = "campaigns.own_read"
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


@dataclass(frozen=True)
class _Read:
    """What happened since then, or was recorded after that event, is to be read."""

    since: datetime
    event: int


def take_in_own(session: Session, *, now: datetime) -> int:
    """How many events were new. Again and again comes to the same: each has its number.

    A mail that was made of several drafts is one of each campaign that these are of.
    """
    take_turn(session)
    read = _read_until(session, now)
    last = session.scalar(select(func.max(MailEvent.id))) or 0
    new = 0
    for source, source_id, kind in _groups(session, now).iter_rows():
        key = f"{source}:{source_id}:{kind}"
        known = session.scalar(
            select(exists().where(Campaign.vendor == OWN.vendor, Campaign.vendor_key == key))
        )
        since = read if known else _Read(now - MEMORY, 0)
        events = _events(session, (source, source_id, kind), key, since)
        if not events.is_empty():
            new += take_in(session, OWN, events, now=now).new
    value = {"at": now.isoformat(), "event": last}
    session.merge(AppSetting(name=_READ, value=value, changed_at=now))
    return new


def _read_until(session: Session, now: datetime) -> _Read:
    """Where the last reading ended, however long ago that was."""
    kept = session.get(AppSetting, _READ)
    if kept is None:
        return _Read(now - MEMORY, 0)
    return _Read(datetime.fromisoformat(kept.value["at"]) - RECENT, kept.value["event"])


def _groups(session: Session, now: datetime) -> pl.DataFrame:
    d, o = Draft, OutboxMail
    statement = (
        select(d.source, d.source_id, d.kind)
        .join(o, o.draft_id == carrier())
        .where(o.sent_at >= now - MEMORY, d.source_id.is_not(None))
        .group_by(d.source, d.source_id, d.kind)
        .having(func.count() >= BULK)
        .order_by(d.source, d.source_id, d.kind)
    )
    return read_frame(session, statement, _GROUP)


def _events(session: Session, group: tuple[str, int, str], key: str, read: _Read) -> pl.DataFrame:
    """integrations.hooks.mail.MAIL_EVENTS of the mails of a group."""
    mails = _mails(session, group)
    told = pl.concat([_sent(mails, read.since), _told(session, group, read)])
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
    d, o = Draft, OutboxMail
    # A whole bears the subject of one of its parts.
    subject = case((d.merged_into_id.is_(None), o.subject), else_=d.subject)
    statement = (
        select(o.id, o.recipient, subject, o.message_id, o.sent_at)
        .join(d, o.draft_id == carrier())
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
    return Draft.source == source, Draft.source_id == source_id, Draft.kind == kind


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


def _told(session: Session, group: tuple[str, int, str], read: _Read) -> pl.DataFrame:
    e, o = MailEvent, OutboxMail
    theirs = select(o.id).join(Draft, o.draft_id == carrier()).where(*_of(group))
    statement = (
        select(
            e.outbox_id, e.id, e.kind, e.at, MailLink.url,
            func.coalesce(MailLink.hidden, literal(value=False)), e.method, e.ip, e.user_agent,
        )
        .outerjoin(MailLink, MailLink.id == e.link_id)
        .where(e.outbox_id.in_(theirs), or_(e.at >= read.since, e.id > read.event))
    )  # fmt: skip
    return read_frame(session, statement, _EVENT)


def _named(kind: str) -> str:
    """`follow_up.thanks` as people read it."""
    return kind.replace("_", " ").replace(".", ", ").capitalize()
