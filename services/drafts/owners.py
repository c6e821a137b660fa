"""In whose name drafts go out: not in that of a colleague who has left."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Draft, Person

_LEFT = select(Person.id, Person.name).where(
    Person.id.in_(bindparam("people", expanding=True)), Person.active.is_(False)
)


def gone(session: Session, drafts: Sequence[Draft]) -> dict[int, str]:
    """By draft what to do about its owner, of those whose owner is no longer here: it would go out under their
    name, and answers would reach nobody."""
    names: dict[int, str] = {}
    for some in pieces({draft.owner_id for draft in drafts if draft.owner_id is not None}):
        names |= dict(session.execute(_LEFT, {"people": some}).all())
    return {
        draft.id: (
            f"{names[draft.owner_id]} no longer works here, so nobody would read an answer. Give the draft to "
            "somebody who does."
        )
        for draft in drafts
        if draft.owner_id in names
    }
