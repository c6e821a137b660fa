"""Into the send queue, in the transaction of the approval, and out again while that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, defer

from data.errors import AlreadyExists, InvalidMove
from data.once import add_all_once
from data.tables import OutboxMail
from services.access import Viewer
from services.outbox import places
from services.outbox.moves import NOT_OUT, move, note

CHUNK = 500
"""Rows per statement: each holds a whole mail."""


@dataclass(frozen=True)
class Approved:
    """A mail that a person has approved, as its exact bytes; `approved_hash` is their SHA-256 in hex."""

    dedup_key: str
    draft_id: int | None
    kind: str
    topic: str
    customer_id: int | None
    stakeholder_id: int | None
    owner_id: int | None
    mailbox_id: int
    recipient: str
    subject: str
    raw: bytes
    approved_hash: str
    approved_by: int | None
    message_id: str
    tracking: str
    unsubscribe: str
    due_at: datetime
    expires_at: datetime | None = None


def enqueue(session: Session, approved: Approved, *, now: datetime) -> int:
    """The id of the row in the send queue. See `enqueue_many`."""
    return enqueue_many(session, [approved], now=now)[0]


def enqueue_many(session: Session, approved: Sequence[Approved], *, now: datetime) -> list[int]:
    """Ids in the order given. The same `dedup_key` again is the same row.

    One that was withdrawn is queued again with the new times and approver. InvalidMove when its bytes
    are not those of the row; AlreadyExists when a message id or token is another message's.
    """
    ids: list[int] = []
    for start in range(0, len(approved), CHUNK):
        ids += _enqueue_chunk(session, approved[start : start + CHUNK], now)
    return ids


_THERE = select(
    OutboxMail.id, OutboxMail.dedup_key, OutboxMail.state, OutboxMail.approved_hash
).where(OutboxMail.dedup_key.in_(bindparam("keys", expanding=True)))


def _enqueue_chunk(session: Session, approved: Sequence[Approved], now: datetime) -> list[int]:
    rows = [
        asdict(one) | {"state": "queued", "attempts": 0, "created_at": now, "updated_at": now}
        for one in approved
    ]
    added = add_all_once(session, OutboxMail, rows)
    note(session, added, (None, "queued"), now=now)
    found = {
        row.dedup_key: row
        for row in session.execute(_THERE, {"keys": [one.dedup_key for one in approved]})
    }
    fresh = set(added)
    for one in approved:
        row = found.get(one.dedup_key)
        if row is None:
            raise AlreadyExists("This mail's message id is another message's. Approve it again.")
        if row.id not in fresh:
            _queue_again(session, row, one, now)
    return [found[one.dedup_key].id for one in approved]


def _queue_again(session: Session, row: Any, one: Approved, now: datetime) -> None:
    if row.approved_hash != one.approved_hash:
        raise InvalidMove("This mail has changed since it was approved. Look at it again.")
    if row.state == "cancelled":
        times = {"due_at": one.due_at, "expires_at": one.expires_at}
        again = {"approved_by": one.approved_by, "mailbox_id": one.mailbox_id, "attempts": 0}
        move(
            session, row.id, ("cancelled", "queued"),
            now=now, by_id=one.approved_by, **times, **again,
        )  # fmt: skip


def withdraw(
    session: Session, draft_id: int, why: str, *, by: Viewer | None, now: datetime
) -> bool:
    """Take what a draft has in the queue back. False when it is on the wire, sent, or may have been.

    A worker that holds it finds its claim gone at the last gate. True also when there is nothing.
    """
    rows = session.scalars(
        select(OutboxMail)
        .where(OutboxMail.draft_id == draft_id, OutboxMail.state != "cancelled")
        .order_by(OutboxMail.id)
        .options(defer(OutboxMail.raw))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if any(row.state not in NOT_OUT for row in rows):
        return False
    by_id = by.person_id if by else None
    for row in rows:
        if not move(session, row.id, (row.state, "cancelled"), now=now, why=why, by_id=by_id):
            return False
        places.give_back(session, row, now)
        session.expire(row)  # it was moved past the session
    return True
