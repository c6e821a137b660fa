"""Whose an event is to change or to call off: events are everybody's to see and to invite to, not to move."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from data.errors import NotAllowed
from data.tables import AuditEntry, Invitation, Person
from services.access import ADMINISTRATOR, MANAGER, Viewer

PLANNED = "event.planned"
TAKEN_UP = ("event.edited", "event.invited")
"""What makes somebody answer for an event that came from a file or a platform."""
PIECE = 10_000
"""Databases take so many parameters and no more."""


@dataclass(frozen=True)
class Rights:
    """What is theirs to do with an event; `who` can, for whoever has to ask."""

    changes: bool
    cancels: bool
    who: str

    @property
    def refusal(self) -> str:
        """What is not theirs and whom to ask; empty when all of it is."""
        if self.changes and self.cancels:
            return ""
        return refused(self, "cancel" if self.changes else "change or cancel")


def rights(session: Session, by: Viewer, event_id: int) -> Rights:
    """Managers, admins and whoever planned it may change and cancel an event. For one that a file or a
    platform brought, whoever was the first to work on it or to invite to it stands for who planned it; until
    then it is everybody's to complete, and managers' and admins' alone to cancel."""
    planned = _who(session, event_id, (PLANNED,))
    taken_up = [] if planned else [row for row in _who(session, event_id, TAKEN_UP) if row.active]
    theirs = by.sees_all or by.role in (MANAGER, ADMINISTRATOR)
    answer = planned or taken_up[:1]
    theirs = theirs or any(row.person_id == by.person_id for row in answer)
    who, did = "a manager or an admin", "planned it" if planned else "was the first to work on it"
    for name in (row.name for row in answer if row.active):
        who = f"a manager, an admin or {name}, who {did},"
    return Rights(theirs or not answer, theirs, who)


def _who(
    session: Session, event_id: int, actions: Collection[str]
) -> Sequence[Row[int | None, str, bool]]:
    """Who did so, the first of them first."""
    a = AuditEntry
    return session.execute(
        select(a.person_id, Person.name, Person.active)
        .join(Person, Person.id == a.person_id)
        .where(a.entity == "event", a.entity_id == event_id, a.action.in_(actions))
        .order_by(a.at, a.id)
    ).all()


def planned_here(session: Session, event_ids: Collection[int]) -> set[int]:
    """Those of these events that were planned in the catalogue or that people were invited to: what is
    known of them elsewhere follows them."""
    wanted, found = sorted(event_ids), set[int]()
    for start in range(0, len(wanted), PIECE):
        some = wanted[start : start + PIECE]
        a, i = AuditEntry, Invitation
        written = a.entity_id.in_(some)
        found |= {
            *session.scalars(
                select(a.entity_id).where(a.entity == "event", written, a.action == PLANNED)
            ),
            *session.scalars(select(i.event_id).where(i.event_id.in_(some)).distinct()),
        } - {None}
    return found


def require_change(session: Session, by: Viewer, event_id: int) -> None:
    """NotAllowed when it is not theirs to change."""
    found = rights(session, by, event_id)
    if not found.changes:
        raise NotAllowed(refused(found, "change"))


def require_cancel(session: Session, by: Viewer, event_id: int) -> None:
    """NotAllowed when it is not theirs to call off."""
    found = rights(session, by, event_id)
    if not found.cancels:
        raise NotAllowed(refused(found, "cancel"))


def refused(found: Rights, what: str) -> str:
    return f"Only {found.who} can {what} this event. Ask one of them."
