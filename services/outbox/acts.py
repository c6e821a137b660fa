"""What people do in the send queue: try again, cancel, settle what nobody knows, stop everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotFound
from data.tables import OutboxMail
from services.access import ADMINISTRATOR, Viewer, require_role
from services.access.audit import audit
from services.outbox import places, returns
from services.outbox import policy as policies
from services.outbox.listing import seen_by
from services.outbox.moves import NOT_OUT, move
from services.outbox.recording import noted_as_sent, release

_SOMEBODY_FASTER = "This message has moved on meanwhile. Look at it again."
_LONGEST_WHY = 200


def retry(session: Session, outbox_id: int, *, by: Viewer, now: datetime) -> None:
    """Queue a message that failed or was blocked once more, but not before its own time. The last gate looks
    again at everything."""
    row = _mine(session, outbox_id, by, "failed", "blocked")
    due = places.own_time(session, row, now)
    _moved(session, row, "queued", by, now, why="Tried again", due_at=due, attempts=0)


def cancel(session: Session, outbox_id: int, *, by: Viewer, now: datetime) -> None:
    """Do not send it; the drafts that a merged one was made of wait again. InvalidMove when it has left or may
    have."""
    row = _mine(session, outbox_id, by, *NOT_OUT)
    _moved(session, row, "cancelled", by, now, why="Cancelled")
    places.give_back(session, row, now, alone=True)
    session.expire(row)  # it was moved past the session
    returns.cancelled(session, row, by, now)


def went_out(session: Session, outbox_id: int, *, by: Viewer, now: datetime) -> None:
    """Settle a message nobody knows about: it was found among the sent mails, or the recipient has it."""
    row = _mine(session, outbox_id, by, "review")
    _moved(session, row, "sent", by, now, why="It went out", sent_at=row.wire_at or now)
    noted_as_sent(session, row, now)


def send_again(session: Session, outbox_id: int, *, by: Viewer, now: datetime) -> None:
    """Settle it the other way: it did not go out, so it is sent anew. The recipient gets it twice if that
    was wrong, so only a person decides it."""
    row = _mine(session, outbox_id, by, "review")
    release(session, row.id, now)
    # The provider's draft is gone, or it would have been found: a new one is made.
    fresh = {"provider_draft_id": None, "attempts": 0, "due_at": now}
    _moved(session, row, "queued", by, now, why="Sent again", **fresh)


def pause_all(session: Session, why: str = "", *, by: Viewer, now: datetime) -> None:
    """Nothing leaves any more, from this moment on. Admins only."""
    words = " ".join(why.split())[:_LONGEST_WHY] or f"Paused by {by.name}."
    policies.save(
        session, replace(policies.load(session), paused=True, paused_why=words), by=by, now=now
    )


def resume_all(session: Session, *, by: Viewer, now: datetime) -> None:
    """What is due leaves again. Admins only."""
    require_role(by, ADMINISTRATOR)
    policies.save(
        session, replace(policies.load(session), paused=False, paused_why=""), by=by, now=now
    )


def _mine(session: Session, outbox_id: int, by: Viewer, *states: str) -> OutboxMail:
    row = session.scalar(
        select(OutboxMail)
        .where(OutboxMail.id == outbox_id, seen_by(by))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such message in your send queue.")
    if row.state not in states:
        raise InvalidMove(_SOMEBODY_FASTER)
    return row


def _moved(
    session: Session,
    row: OutboxMail,
    to_state: str,
    by: Viewer,
    now: datetime,
    *,
    why: str,
    **values: object,
) -> None:
    was = row.state
    if not move(session, row.id, (was, to_state), now=now, why=why, by_id=by.person_id, **values):
        raise InvalidMove(_SOMEBODY_FASTER)
    audit(session, by, f"outbox.{to_state}", "outbox", row.id, f"{was} to {to_state}", now)
