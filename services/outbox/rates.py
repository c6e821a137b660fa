"""How fast a mailbox may send: its owner's limits, under those of the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxEvent

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
    for most, span, words in limits:
        oldest = _nth_latest(session, mailbox.id, max(most, 1))
        if oldest is not None and oldest + span > now:
            return Full(oldest + span, f"This mailbox sends {most:,} {words} at most.")
    return None


def _nth_latest(session: Session, mailbox_id: int, place: int) -> datetime | None:
    return session.scalar(
        select(OutboxEvent.at)
        .where(OutboxEvent.mailbox_id == mailbox_id)
        .order_by(OutboxEvent.at.desc())
        .offset(place - 1)
        .limit(1)
    )
