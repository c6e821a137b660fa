"""How fast a mailbox may send: its owner's limits, under those of the provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxEvent, OutboxMail
from data.tables.outbox import AGAIN

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Full:
    """A mailbox that has to rest, and why."""

    until: datetime
    why: str


def full(session: Session, mailbox: Mailbox, now: datetime) -> Full | None:
    """Whether one more call now would be over the limit. Calls count, whatever came of them, and each call
    of a mail that was tried again.

    Exact only while the caller holds the mailbox's row.
    """
    limits = (
        (mailbox.per_day, DAY, "a day"),
        (mailbox.per_minute, MINUTE, "a minute"),
    )
    again = select(OutboxEvent.outbox_id).where(OutboxEvent.at > now - DAY, text(AGAIN))
    repeated = _calls(session, mailbox.id, again, now - DAY)
    for most, span, words in limits:
        place = max(most, 1)
        oldest = (
            _nth_latest_of_all(session, mailbox.id, again, repeated, place)
            if repeated
            else _nth_latest(session, mailbox.id, place)
        )
        if oldest is not None and oldest + span > now:
            return Full(oldest + span, f"This mailbox sends {most:,} {words} at most.")
    return None


def _nth_latest(session: Session, mailbox_id: int, place: int) -> datetime | None:
    """Where each mail was called for once."""
    return session.scalar(
        select(OutboxMail.wire_at)
        .where(OutboxMail.mailbox_id == mailbox_id, OutboxMail.wire_at.is_not(None))
        .order_by(OutboxMail.wire_at.desc())
        .offset(place - 1)
        .limit(1)
    )


def _calls(
    session: Session, mailbox_id: int, which: Select[int], since: datetime
) -> list[datetime]:
    """When these mails were handed over, each time. They are few: all of them are read, where SQLite, asked
    for one mailbox, would go through all of its mail."""
    rows = session.execute(
        select(OutboxMail.mailbox_id, OutboxEvent.at)
        .join(OutboxMail, OutboxMail.id == OutboxEvent.outbox_id)
        .where(OutboxEvent.outbox_id.in_(which))
        .where(OutboxEvent.to_state == "wire", OutboxEvent.at > since)
    )
    return [row.at for row in rows if row.mailbox_id == mailbox_id]


def _nth_latest_of_all(
    session: Session,
    mailbox_id: int,
    again: Select[int],
    repeated: Sequence[datetime],
    place: int,
) -> datetime | None:
    once = session.scalars(
        select(OutboxMail.wire_at)
        .where(OutboxMail.mailbox_id == mailbox_id, OutboxMail.wire_at.is_not(None))
        .where(OutboxMail.id.not_in(again))
        .order_by(OutboxMail.wire_at.desc())
        .limit(place)
    )
    latest = sorted([*repeated, *(at for at in once if at is not None)], reverse=True)
    return latest[place - 1] if len(latest) >= place else None
