"""What speaks against sending a follow-up: it says what is not so any more. And making it anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft
from services import drafts
from services.access import Viewer
from services.attendance.follow_up.drafting import CHANGED, make_drafts, waiting
from services.attendance.follow_up.records import KIND, SOURCE
from services.attendance.follow_up.truth import differences
from services.drafts import Block, add_check

FACTS_CHANGED = "facts_changed"
"""The block of a draft that can be made anew."""


@add_check
def follow_up_blocks(
    session: Session,
    some: Sequence[Draft],
    now: datetime,  # noqa: ARG001 - as all checks have it
) -> Mapping[int, Sequence[Block]]:
    """Whether the deeds that a follow-up was written from are still those on record."""
    by_event: dict[int, list[Draft]] = defaultdict(list)
    for one in some:
        if one.kind == KIND and one.source == SOURCE and one.source_id:
            by_event[one.source_id].append(one)
    return {
        number: [Block(FACTS_CHANGED, words, hard=True)]
        for event_id, theirs in by_event.items()
        for number, words in differences(
            session, event_id, {one.id: (one.stakeholder_id, one.values) for one in theirs}
        ).items()
    }


def make_anew(session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime) -> int:
    """Withdraw a follow-up whose facts have changed, and write it from those of today; the new one's id.

    InvalidMove when nobody is left to write to, or it has moved meanwhile.
    """
    shown = drafts.view(session, by, draft_id, now)
    if shown.kind != KIND or shown.source != SOURCE or shown.source_id is None:
        raise InvalidMove("Only follow-ups of events are made anew here.")
    if shown.revision != revision:
        raise InvalidMove("Somebody has changed it meanwhile. Look at it as it is now.")
    drafts.cancel(session, draft_id, CHANGED, now=now)
    session.flush()
    person = shown.stakeholder_id
    who = [one for one in waiting(session, shown.source_id) if one == person]
    made = make_drafts(session, shown.source_id, who, now)
    if not made:
        raise InvalidMove(
            "There is nothing to write to this person about the event any more. Reject it."
        )
    return made[0]
