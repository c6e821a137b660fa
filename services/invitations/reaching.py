"""Whether an invitation got to its person at all: somebody may register on a platform before it has left."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from data.tables import Draft, Invitation, InvitationEvent, OutboxMail
from services.drafts.wholes import carrier

REACHED = (
    "sent", "delivered", "opened", "clicked", "registered", "declined", "attended", "missed",
    "no_response",
)  # fmt: skip
"""States of invitations that their people may have got."""
BY_MAIL = ("sent", "delivered", "opened", "clicked", "no_response")
"""Those that only a mail which has left leads to."""


def reached() -> ColumnElement[bool]:
    """The condition on `Invitation`: its mail has left, alone or as a part of another, or its link was used."""
    mail, past = OutboxMail, InvitationEvent
    own = (
        select(mail.id)
        .join(Draft, carrier() == mail.draft_id)
        .where(Draft.id == Invitation.draft_id, mail.sent_at.is_not(None))
    )
    before = select(past.id).where(past.invitation_id == Invitation.id, past.to_state.in_(BY_MAIL))
    return Invitation.state.in_(REACHED) & or_(
        Invitation.state.in_(BY_MAIL),
        Invitation.answered_at.is_not(None),
        own.exists(),
        before.exists(),
    )
