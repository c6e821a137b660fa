"""Follow-ups that are let go on purpose, and taken up again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.errors import CHANGED_SINCE, BadInput, InvalidMove, NotFound
from data.tables import Customer, Draft, FollowUp
from services import drafts
from services.access import Viewer, audit, visible
from services.attendance.follow_up.records import KIND, SOURCE
from services.drafts.wholes import standing

LONGEST_WHY = 300


def waive(session: Session, follow_up_id: int, why: str, *, by: Viewer, now: datetime) -> datetime:
    """Let a follow-up go, for a reason that stays on record; its drafts that wait are cancelled. The moment,
    by which it is taken back.

    BadInput without a reason, NotFound for somebody else's customer, InvalidMove for one that is let go already.
    """
    told = " ".join(why.split())[:LONGEST_WHY]
    if not told:
        raise BadInput("Say why it is let go: it stays in the list of what was not done.")
    row = _find(session, follow_up_id, by)
    if row.waived_at is not None:
        raise InvalidMove(f"It was let go already: {row.waived_why}")
    row.waived_at, row.waived_why = now, told
    waiting = session.scalars(
        _drafts(row).where(standing().in_(("pending", "second_look", "held")))
    ).all()
    drafts.cancel_many(session, [one.id for one in waiting], _said(told), now=now)
    audit(session, by, "follow_up.let_go", "customer", row.customer_id, told, now)
    return now


def take_up_again(
    session: Session, follow_up_id: int, waived_at: datetime, *, by: Viewer, now: datetime
) -> int:
    """Undo the letting go of that moment: the drafts it cancelled wait for approval again; how many.

    InvalidMove where that does not stand any more.
    """
    row = _find(session, follow_up_id, by)
    if row.waived_at != waived_at or row.waived_why is None:
        raise InvalidMove(CHANGED_SINCE)
    cancelled = session.scalars(
        _drafts(row).where(
            standing() == "cancelled",
            Draft.updated_at == waived_at,
            Draft.why == _said(row.waived_why),
        )
    ).all()
    for draft in cancelled:
        drafts.reopen(session, draft.id, draft.revision, by=by, now=now)
    row.waived_at = row.waived_why = None
    audit(session, by, "follow_up.taken_up_again", "customer", row.customer_id, "", now)
    return len(cancelled)


def _find(session: Session, follow_up_id: int, by: Viewer) -> FollowUp:
    row = session.scalar(
        select(FollowUp)
        .join(Customer, Customer.id == FollowUp.customer_id)
        .where(FollowUp.id == follow_up_id, visible(by))
        .with_for_update(of=FollowUp)
    )
    if row is None:
        raise NotFound("There is no such follow-up in your portfolio. Reload the page.")
    return row


def _drafts(row: FollowUp) -> Select[Draft]:
    return (
        select(Draft)
        .where(
            Draft.source == SOURCE,
            Draft.kind == KIND,
            Draft.source_id == row.event_id,
            Draft.customer_id == row.customer_id,
        )
        .order_by(Draft.id)
    )


def _said(why: str) -> str:
    return f"Let go: {why}"
