"""Whose work a queued row is, and until when: one claim, lease and fence for the outbox and for jobs.

A claim gives a row to one worker for a while. Whatever that worker writes later carries the claim's
token, so a worker that slept past its lease and wakes up writes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from data.tables import Job, OutboxMail

Queue = type[OutboxMail] | type[Job]
LONGEST = timedelta(minutes=15)
"""No lease is made for longer."""


@dataclass(frozen=True)
class Lease:
    """A row that is ours until `until`, as long as its `token` is still ours."""

    id: int
    token: str
    until: datetime


def claim(
    session: Session,
    queue: Queue,
    *,
    now: datetime,
    seconds: float,
    where: Sequence[ColumnElement[bool]] = (),
) -> Lease | None:
    """The row due longest, moved from queued to claimed; None when nothing is due.

    `attempts` counts claims. Rows that others are claiming at this moment are passed over.
    """
    due = (
        select(queue.id)
        .where(queue.state == "queued", queue.due_at <= now, *where)
        .order_by(queue.due_at, queue.id)
    )
    values = {"state": "claimed", "attempts": queue.attempts + 1}
    return _take(session, queue, due, values, now + timedelta(seconds=seconds))


def claim_again(
    session: Session, queue: Queue, state: str, *, now: datetime, seconds: float
) -> Lease | None:
    """A due row in `state` that nobody holds; it stays in that state while its holder looks at it."""
    due = (
        select(queue.id)
        .where(
            queue.state == state,
            queue.due_at <= now,
            or_(queue.lease_until.is_(None), queue.lease_until <= now),
        )
        .order_by(queue.due_at, queue.id)
    )
    return _take(session, queue, due, {}, now + timedelta(seconds=seconds))


def _take(
    session: Session, queue: Queue, due: Any, values: dict[str, Any], until: datetime
) -> Lease | None:
    token = secrets.token_hex(16)
    one = due.limit(1).with_for_update(skip_locked=True).scalar_subquery()
    statement = (
        update(queue)
        .where(queue.id == one)
        .values(token=token, lease_until=until, **values)
        .returning(queue.id)
        .execution_options(synchronize_session=False)
    )
    taken = session.execute(statement).scalar()
    return None if taken is None else Lease(taken, token, until)


def fenced(session: Session, queue: Queue, lease: Lease, was: str, /, **values: Any) -> bool:
    """Write `values` if the row is still ours and in state `was`; False, and nothing written, if not."""
    result = session.execute(
        update(queue)
        .where(queue.id == lease.id, queue.token == lease.token, queue.state == was)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def renew(
    session: Session, queue: Queue, lease: Lease, state: str, *, now: datetime, seconds: float
) -> Lease | None:
    """The same lease for longer; None when it has become somebody else's."""
    until = now + timedelta(seconds=seconds)
    if fenced(session, queue, lease, state, lease_until=until):
        return Lease(lease.id, lease.token, until)
    return None


def let_lapse(
    session: Session, queue: Queue, was: str, /, *, now: datetime, **values: Any
) -> list[int]:
    """Take the rows in state `was` whose lease is over from their holders, writing `values`; their ids.

    Claimed ones also when their lease would last longer than any is made for: then the clock has been set
    back since. Those on the wire wait until the clock has caught up, as a call may still be under way.
    """
    lapsed = queue.lease_until <= now
    if was == "claimed":
        lapsed = or_(lapsed, queue.lease_until > now + LONGEST)
    over = (
        select(queue.id)
        .where(queue.state == was, lapsed)
        .with_for_update(
            skip_locked=True
        )  # what another worker takes back just now is its business
    )
    statement = (
        update(queue)
        .where(queue.id.in_(over.scalar_subquery()))
        .values(token=None, lease_until=None, **values)
        .returning(queue.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.execute(statement).scalars())
