"""Who has opened which drafts: what lets many be approved at once, and where a reader left off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, exists, insert, select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Draft, DraftEvent
from services.access import Viewer
from services.drafts.access import require_draft
from services.drafts.records import OPEN
from services.drafts.ways import opened, ways

READ = "read"
"""The move of an event that only says that somebody looked."""


def note_read(
    session: Session,
    draft_id: int,
    revision: int,
    *,
    by: Viewer,
    now: datetime,
    way: str | None = None,
) -> None:
    """`by` has this revision on the screen, with the recipient and sender that `way` stands for (without it: those of
    now). Said twice is as said once; of another revision it is nothing, since that is not what the draft is.
    """
    draft = require_draft(session, by, draft_id)
    if draft.revision != revision or draft.state not in OPEN:
        return
    shown = way or ways(session, [draft])[draft.id]
    if opened(session, by, [draft]).get(draft.id) == shown:
        return
    read = {
        "draft_id": draft.id,
        "at": now,
        "person_id": by.person_id,
        "move": READ,
        "from_state": draft.state,
        "to_state": draft.state,
        "revision": draft.revision,
        "way": shown[:64],
    }
    session.execute(insert(DraftEvent), [read])


_SEEN = select(Draft.id).where(
    Draft.id.in_(bindparam("drafts", expanding=True)),
    exists().where(
        DraftEvent.draft_id == Draft.id,
        DraftEvent.revision == Draft.revision,
        DraftEvent.person_id == bindparam("person_id"),
        DraftEvent.way.is_not(None),
    ),
)


def seen_among(session: Session, by: Viewer, draft_ids: Sequence[int]) -> set[int]:
    """Those of the drafts whose present revision `by` has opened, with the recipient and sender it was shown with: of
    what was opened before these were kept nobody knows them."""
    if by.person_id is None:
        return set()
    found: set[int] = set()
    for some in pieces(draft_ids):
        found.update(session.scalars(_SEEN, {"drafts": some, "person_id": by.person_id}))
    return found


_LAST = (
    select(Draft.id)
    .join(DraftEvent, DraftEvent.draft_id == Draft.id)
    .where(DraftEvent.person_id == bindparam("person_id"), DraftEvent.move == READ)
    .where(Draft.state.in_(OPEN))
    .order_by(DraftEvent.id.desc())
    .limit(1)
)


def last_opened(session: Session, by: Viewer) -> int | None:
    """The draft `by` opened last, if it still waits: where to go on after a break."""
    if by.person_id is None:
        return None
    return session.scalar(_LAST, {"person_id": by.person_id})
