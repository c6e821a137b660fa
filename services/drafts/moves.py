"""The states of a draft, which way each move leads, and the row that every move leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft, DraftEvent
from services.access import Viewer
from services.drafts import second_looks

EDITABLE = ("pending", "held", "second_look", "approved")
MOVES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "approve": (("pending", "second_look"), ("approved", "second_look")),
    "edit": (EDITABLE, ("pending", "held")),
    "schedule": (EDITABLE, ("pending", "held")),
    "reassign": (EDITABLE, ("pending", "held")),
    "undo": (("approved", "second_look"), ("pending",)),
    "recall": (("approved",), ("second_look",)),
    "reject": (("pending", "held", "second_look"), ("rejected",)),
    "cancel": (EDITABLE, ("cancelled",)),
    "merge": (("pending", "held"), ("held",)),
    "release": (("held",), ("pending",)),
    "reopen": (("rejected", "cancelled"), ("pending",)),
}
"""Per move: from which states it is allowed, and where it may lead."""
STATE_WORDS = {
    "pending": "waiting for approval",
    "held": "held back",
    "second_look": "waiting for a second person",
    "approved": "approved",
    "rejected": "rejected",
    "cancelled": "cancelled",
}


def allowed(state: str) -> tuple[str, ...]:
    """The moves that a draft in this state can make."""
    return tuple(move for move, (sources, _) in MOVES.items() if state in sources)


def require_move(draft: Draft, move: str) -> None:
    """InvalidMove, in words, when the draft's state does not allow it."""
    if draft.state not in MOVES[move][0]:
        now = STATE_WORDS[draft.state]
        raise InvalidMove(f"This draft is {now} by now, so it was left as it is. Look at it again.")


def make_move(  # noqa: PLR0913 - the parts of a log line
    session: Session,
    draft: Draft,
    move: str,
    to_state: str,
    *,
    by: Viewer | None,
    now: datetime,
    why: str | None = None,
) -> None:
    """Take the draft there and write it down."""
    make_moves(session, [(draft, to_state, why)], move, by=by, now=now)


def make_moves(
    session: Session,
    moved: Sequence[tuple[Draft, str, str | None]],
    move: str,
    *,
    by: Viewer | None,
    now: datetime,
) -> None:
    """The same move for many: (draft, where to, why). The only place that sets a draft's state."""
    rows: list[dict[str, Any]] = []
    seconded = [draft for draft, to, _ in moved if draft.state == "second_look" != to]
    for draft, to_state, why in moved:
        require_move(draft, move)
        if to_state not in MOVES[move][1]:
            raise InvalidMove(f"A draft cannot become {STATE_WORDS[to_state]} this way.")
        rows.append(
            {
                "draft_id": draft.id,
                "at": now,
                "person_id": by.person_id if by else None,
                "move": move,
                "from_state": draft.state,
                "to_state": to_state,
                "revision": draft.revision,
                "why": why,
            }
        )
        draft.state = to_state
        draft.updated_at = now
    if rows:
        session.execute(insert(DraftEvent), rows)
    if seconded:
        second_looks.put_away(session, seconded, now)


def note_created(
    session: Session,
    made: Iterable[tuple[int, str, str | None]],
    person_id: int | None,
    now: datetime,
) -> None:
    """The first line of many drafts' histories; `made` is (draft id, state, why)."""
    rows = [
        {
            "draft_id": number,
            "at": now,
            "person_id": person_id,
            "move": "create",
            "from_state": None,
            "to_state": state,
            "revision": 1,
            "why": why,
        }
        for number, state, why in made
    ]
    if rows:
        session.execute(insert(DraftEvent), rows)
