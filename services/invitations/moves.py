"""One invitation moved by hand or by an answer, with a row of its history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import Invitation, InvitationEvent
from services.access import Viewer


def move(
    session: Session,
    invitation: Invitation,
    to_state: str,
    *,
    now: datetime,
    why: str | None = None,
    by: Viewer | None = None,
) -> None:
    """Set the state; nothing happens when it is there already."""
    if invitation.state == to_state:
        return
    session.add(
        InvitationEvent(
            invitation_id=invitation.id,
            at=now,
            from_state=invitation.state,
            to_state=to_state,
            why=(why or "")[:500] or None,
            person_id=by.person_id if by else None,
        )
    )
    invitation.state, invitation.updated_at = to_state, now
    session.flush()
