"""What one has made or approved oneself, taken back where nobody else has acted on it since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import CHANGED_SINCE, InvalidMove
from data.tables import Draft, DraftEvent
from services.access import Viewer
from services.drafts.access import require_draft
from services.drafts.approving import live_approvals, undo_approval
from services.drafts.closing import cancel

_LOOKED = "read"


def require_own(session: Session, draft_id: int, *, by: Viewer) -> None:
    """InvalidMove where somebody else has moved or changed the mail, or the one that it became a part of: both are
    locked then. Having read it is no change."""
    draft = require_draft(session, by, draft_id, lock=True)
    if draft.merged_into_id is not None:
        session.get(Draft, draft.merged_into_id, with_for_update=True, populate_existing=True)
    others = select(DraftEvent.id).where(
        DraftEvent.draft_id.in_((draft.id, draft.merged_into_id or draft.id)),
        DraftEvent.person_id.is_not(None),
        DraftEvent.person_id.not_in(by.who),
        DraftEvent.move != _LOOKED,
    )
    if session.scalar(others.limit(1)) is not None:
        raise InvalidMove(CHANGED_SINCE)


def cancel_own(session: Session, draft_id: int, why: str, *, by: Viewer, now: datetime) -> None:
    """As `cancel`, of a mail that one has had made."""
    require_own(session, draft_id, by=by)
    cancel(session, draft_id, why, by=by, now=now)


def undo_own_approval(session: Session, draft_id: int, *, by: Viewer, now: datetime) -> int:
    """As `undo_approval`. InvalidMove where one's own approval does not stand any more: what was approved since was
    approved by others. One that a second person has added theirs to is one's own still: it takes both."""
    draft = require_draft(session, by, draft_id, lock=True)
    standing = live_approvals(session, [draft]).get(draft.id, [])
    if by.person_id not in {one.person_id for one in standing}:
        raise InvalidMove(CHANGED_SINCE)
    return undo_approval(session, draft_id, draft.revision, by=by, now=now)
