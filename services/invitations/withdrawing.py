"""What is taken back: from a person who has answered, and mails that wait for nothing now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft, Event, Invitation, Recommendation, Registration
from services import drafts
from services.access import Viewer
from services.drafts.wholes import standing
from services.invitations.moves import move
from services.invitations.records import (
    INVITATION,
    MOVED,
    NUDGE,
    REMINDER,
    SEAT_FREE,
    SOURCE,
    UNANSWERED,
)

KINDS = (INVITATION, NUDGE, REMINDER, MOVED, SEAT_FREE)
OPEN_DRAFTS = ("pending", "held", "second_look", "approved")


def withdraw(
    session: Session, invitation_id: int, why: str, *, by: Viewer | None = None, now: datetime
) -> None:
    """Take an invitation back, with all that this person would still get. InvalidMove once it has left or is
    answered: they count on it then; and once somebody other than `by` has worked on one of these mails."""
    invitation = session.get_one(Invitation, invitation_id, with_for_update=True)
    if invitation.state not in UNANSWERED:
        raise InvalidMove(
            "This invitation is answered, over or withdrawn by now, so it was left as it is."
        )
    mails = _of_person(session, invitation.event_id, invitation.stakeholder_id)
    if by is not None:
        for number in mails:
            drafts.require_own(session, number, by=by)
    if invitation.draft_id in mails:
        drafts.cancel(session, invitation.draft_id, why, now=now)
    withdraw_from_person(session, invitation, why, now=now)
    move(session, invitation, "withdrawn", now=now, why=why, by=by)


def withdraw_from_person(
    session: Session, invitation: Invitation, why: str, *, now: datetime
) -> int:
    """Cancel what this person would still get because of the event; how many mails."""
    mails = _of_person(session, invitation.event_id, invitation.stakeholder_id)
    return drafts.cancel_many(session, mails, why, now=now)


def _of_person(session: Session, event_id: int, stakeholder_id: int) -> list[int]:
    return list(
        session.scalars(
            select(Draft.id)
            .where(
                Draft.stakeholder_id == stakeholder_id,
                Draft.source == SOURCE,
                Draft.source_id == event_id,
                Draft.kind.in_(KINDS),
                standing().in_(OPEN_DRAFTS),
            )
            .order_by(Draft.id)
        )
    )


def in_use(session: Session, event: Event) -> bool:
    """Whether somebody was invited to it or is registered: then it stays, whoever brought it."""
    return any(
        session.scalar(select(table.id).where(table.event_id == event.id).limit(1))
        for table in (Invitation, Registration, Recommendation)
    )
