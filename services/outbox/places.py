"""Mail that waits for a place under the caps, or for quiet hours to end: looked at again before its day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from data.tables import Draft, OutboxMail
from services import touches


def give_back(session: Session, row: OutboxMail, now: datetime, *, alone: bool = False) -> None:
    """A mail that was on its way certainly has not gone out and will not by itself: somebody else may have
    its place. Where it never was on its way it had none.

    `alone` says that this transaction is about one mail only. Then it waits for a gate that counts the same
    contacts just now; with several, two of them could wait for each other.
    """
    if row.wire_at is None and row.sent_at is None:
        return
    if alone:
        touches.hold(session, row.stakeholder_id, row.customer_id)
    touches.release(session, row.id, now)
    whose = [OutboxMail.customer_id == row.customer_id] if row.customer_id else []
    if row.stakeholder_id:
        whose.append(OutboxMail.stakeholder_id == row.stakeholder_id)
    if whose:
        look_again(session, now, over_a_cap() & or_(*whose))


def own_time(session: Session, row: OutboxMail, now: datetime) -> datetime:
    """When it may go at the earliest: now, or what its draft was scheduled for."""
    scheduled = session.scalar(select(Draft.not_before).where(Draft.id == row.draft_id))
    return max(now, scheduled or now)


def over_a_cap() -> ColumnElement[bool]:
    """Put off since a limit of contacts was reached."""
    return OutboxMail.reason.endswith(touches.LIMIT, autoescape=True)


def look_again(session: Session, now: datetime, which: ColumnElement[bool]) -> None:
    """Let the last gate look anew at what was put off, but not before its own time."""
    o = OutboxMail
    scheduled = (
        select(Draft.not_before)
        .where(Draft.id == o.draft_id, Draft.not_before > now)
        .scalar_subquery()
    )
    waiting = (
        select(o.id)
        .where(o.state == "queued", o.due_at > now, which)
        .with_for_update(skip_locked=True)  # somebody is just moving it
    )
    session.execute(
        update(o)
        .where(o.id.in_(waiting.scalar_subquery()))
        .values(due_at=func.coalesce(scheduled, literal(now, o.due_at.type)))
        .execution_options(synchronize_session=False)
    )
