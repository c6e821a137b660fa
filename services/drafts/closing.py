"""The ends of a draft that is not sent, and the way back from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import Draft
from services.access import Viewer, audit, require_scope
from services.drafts import holding, merging
from services.drafts.access import APPROVE, require_draft, require_revision, require_untied
from services.drafts.approving import void
from services.drafts.moves import EDITABLE, make_move, require_move
from services.drafts.records import LONGEST_WHY


def reject(
    session: Session, draft_id: int, revision: int, why: str, *, by: Viewer, now: datetime
) -> int:
    """Decide that it is not sent. The reason is needed: features learn from it, and colleagues ask.

    The draft's revision afterwards. NotAllowed by a token that was not made for it.
    """
    require_scope(by, APPROVE)
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "reject")
    require_revision(draft, revision)
    _close(session, draft, "reject", _reason(why), by, now)
    return draft.revision


def cancel(
    session: Session, draft_id: int, why: str, *, by: Viewer | None = None, now: datetime
) -> None:
    """Withdraw a draft, approved or not, because its occasion is gone; without `by` the app does it.

    InvalidMove when it has left already.
    """
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "cancel")
    _close(session, draft, "cancel", _reason(why), by, now)


def cancel_for(
    session: Session, source: str, source_id: int, why: str, *, now: datetime
) -> tuple[int, int]:
    """Cancel all drafts of a source that have not left: a ticket is open again, an event is off.

    How many were cancelled, and how many had left already.
    """
    drafts = session.scalars(
        select(Draft)
        .where(Draft.source == source, Draft.source_id == source_id, Draft.state.in_(EDITABLE))
        .order_by(Draft.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    gone = 0
    for draft in drafts:
        try:
            _close(session, draft, "cancel", _reason(why), None, now)
        except InvalidMove:
            gone += 1
    return len(drafts) - gone, gone


def cancel_many(session: Session, draft_ids: Iterable[int], why: str, *, now: datetime) -> int:
    """Cancel those that have not left, by themselves or as a part of another mail; how many."""
    done = 0
    for number in draft_ids:
        try:
            cancel(session, number, why, now=now)
        except InvalidMove:
            continue  # it is on the wire: nothing can hold it back
        done += 1
    return done


def reopen(session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime) -> int:
    """Take a rejected or cancelled draft up again; it needs a new approval. Its revision afterwards."""
    draft = require_draft(session, by, draft_id, lock=True)
    require_move(draft, "reopen")
    require_revision(draft, revision)
    if draft.kind == holding.MERGED:
        raise InvalidMove(
            "This one was made of two others. Take those up again, and merge them anew."
        )
    if draft.merged_into_id is not None:
        raise InvalidMove("It has gone out within another mail. Write a new one instead.")
    make_move(session, draft, "reopen", "pending", by=by, now=now)
    draft.why = None
    return draft.revision


def release(session: Session, draft_id: int, revision: int, *, by: Viewer, now: datetime) -> int:
    """Take a held draft up although another mail to the same person is under way. Its revision
    afterwards."""
    draft = require_draft(session, by, draft_id, lock=True)
    require_revision(draft, revision)
    require_untied(session, draft)
    holding.release(session, draft, by=by, now=now)
    return draft.revision


def _reason(why: str) -> str:
    told = " ".join(why.split())[:LONGEST_WHY]
    if not told:
        raise BadInput("Say why, in a few words: whoever looks for this mail later will ask.")
    return told


def _close(
    session: Session, draft: Draft, move: str, why: str, by: Viewer | None, now: datetime
) -> None:
    merging.untie(session, draft, by=by, now=now)
    if draft.state in ("approved", "second_look"):
        void(session, draft, why, by=by, now=now)
    make_move(session, draft, move, {"reject": "rejected", "cancel": "cancelled"}[move],
              by=by, now=now, why=why)  # fmt: skip
    draft.why = why
    audit(session, by, f"draft.{draft.state}", "draft", draft.id, "", now)
    session.flush()  # what is released next is found by a query
    merging.let_go(session, draft, why, by=by, now=now)
    holding.release_next(session, [draft.stakeholder_id], now=now)
