"""Mailboxes from which nothing leaves just now: what their mail waits for, and until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Mailbox, OutboxMail
from services.outbox import rates
from services.outbox.policy import SendPolicy
from services.outbox.recording import AT_LIMIT

_GOES_ON = {
    "paused": "Its mail goes on when somebody resumes it under Mailboxes.",
    "revoked": "Its mail goes on when it is connected again under Mailboxes.",
    "removed": "Open the draft and approve it again: it leaves from another.",
}


@dataclass(frozen=True)
class Rest:
    """`until` is None where a person has to do something first."""

    why: str
    until: datetime | None = None


def rests(
    session: Session, mailbox_ids: Collection[int], policy: SendPolicy, now: datetime
) -> dict[int, Rest]:
    """By mailbox; those that send are left out."""
    boxes = session.scalars(select(Mailbox).where(Mailbox.id.in_(sorted(mailbox_ids)))).all()
    at_limit = _at_limit(session, [box.id for box in boxes], now)
    found: dict[int, Rest] = {}
    for box in boxes:
        rest = _stopped(box, policy) or at_limit.get(box.id) or _full(session, box, now)
        if rest is not None:
            found[box.id] = rest
    return found


def _stopped(box: Mailbox, policy: SendPolicy) -> Rest | None:
    if policy.paused:
        why = f"All sending is paused. {policy.paused_why}".strip()
        return Rest(f"{why} It goes on when an admin resumes it.")
    if box.state == "ready":
        return None
    return Rest(f"{box.why or f'The mailbox is {box.state}.'} {_GOES_ON[box.state]}")


def _at_limit(session: Session, mailbox_ids: list[int], now: datetime) -> dict[int, Rest]:
    """What its provider refused stands in the queue until the mailbox may send again."""
    o = OutboxMail
    rows = session.execute(
        select(o.mailbox_id, o.reason, o.due_at)
        .where(o.state == "queued", o.due_at > now, o.mailbox_id.in_(mailbox_ids))
        .where(o.reason.startswith(AT_LIMIT, autoescape=True))
        .order_by(o.due_at)
    )
    return {row.mailbox_id: Rest(row.reason or AT_LIMIT, row.due_at) for row in rows}


def _full(session: Session, box: Mailbox, now: datetime) -> Rest | None:
    full = rates.full(session, box, now)
    return Rest(full.why, full.until) if full else None
