"""Where a message in the send queue may go, and the one way to move it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import OutboxEvent, OutboxMail
from services import leases
from services.leases import Lease

MOVES: dict[str, frozenset[str]] = {
    # Sent, from states that are not on the wire: the provider's word came after the lease had run out.
    "queued": frozenset({"claimed", "blocked", "failed", "cancelled", "sent"}),
    # Back to queued: it waits for quiet hours, a cap or the provider; nothing has left yet.
    "claimed": frozenset({"queued", "wire", "blocked", "failed", "cancelled", "sent"}),
    # From here on it may have gone out: only the provider's word or a look there leads further.
    "wire": frozenset({"sent", "queued", "failed", "unknown"}),
    "unknown": frozenset({"sent", "queued", "review"}),
    "review": frozenset({"sent", "queued"}),
    "failed": frozenset({"queued", "cancelled", "sent"}),
    "blocked": frozenset({"queued", "cancelled", "sent"}),
    "cancelled": frozenset({"queued", "sent"}),
    "sent": frozenset(),
}
GIVEN_UP = ("cancelled", "failed", "blocked")
"""States in which it reaches nobody unless a person takes it up again."""
NOT_OUT = ("queued", "claimed", "failed", "blocked")
"""States in which it certainly has not gone out, and can be taken back."""


def check(from_state: str, to_state: str) -> None:
    """InvalidMove unless the table of moves has it."""
    if to_state not in MOVES[from_state]:
        raise InvalidMove(f"A message that is {from_state} cannot become {to_state}.")


def move_held(
    session: Session,
    lease: Lease,
    way: tuple[str, str],
    *,
    now: datetime,
    why: str | None = None,
    calls: int | None = None,
    **values: Any,
) -> bool:
    """Move a message that a worker holds; False, and nothing written, when it is no longer its own.

    `way` is (from, to). Its lease ends unless `values` keep it. `calls`: the mailbox whose provider is called
    by this move.
    """
    from_state, to_state = way
    check(from_state, to_state)
    kept = {"token": None, "lease_until": None, "reason": why, "updated_at": now} | values
    if not leases.fenced(session, OutboxMail, lease, from_state, state=to_state, **kept):
        return False
    note(session, [lease.id], way, now=now, why=why, mailbox_id=calls)
    return True


def move(
    session: Session,
    outbox_id: int,
    way: tuple[str, str],
    *,
    now: datetime,
    why: str | None = None,
    by_id: int | None = None,
    **values: Any,
) -> bool:
    """Move a message by a person's hand; False when it is no longer in the state they saw."""
    from_state, to_state = way
    check(from_state, to_state)
    fresh = {"token": None, "lease_until": None, "reason": why, "updated_at": now} | values
    result = session.execute(
        update(OutboxMail)
        .where(OutboxMail.id == outbox_id, OutboxMail.state == from_state)
        .values(state=to_state, **fresh)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        return False
    note(session, [outbox_id], way, now=now, why=why, person_id=by_id)
    return True


def note(
    session: Session,
    outbox_ids: Sequence[int],
    way: tuple[str | None, str],
    *,
    now: datetime,
    why: str | None = None,
    **more: int | None,
) -> None:
    """Add the same event for each of these messages. `more`: further columns of OutboxEvent."""
    if outbox_ids:
        event = {"at": now, "from_state": way[0], "to_state": way[1], "why": why, **more}
        session.execute(
            insert(OutboxEvent), [{"outbox_id": number, **event} for number in outbox_ids]
        )
