"""Whose an event is to change or to call off: events are everybody's to see and to invite to, not to move."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import NotAllowed
from data.tables import AuditEntry, Person
from services.access import ADMINISTRATOR, MANAGER, Viewer


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
    """Managers, admins and whoever planned it may change and cancel an event. One that nobody planned,
    since a file or a platform brought it, is everybody's to complete, and theirs alone to cancel."""
    planned = session.execute(
        select(AuditEntry.person_id, Person.name, Person.active)
        .join(Person, Person.id == AuditEntry.person_id)
        .where(
            AuditEntry.entity == "event", AuditEntry.entity_id == event_id,
            AuditEntry.action == "event.planned",
        )
    ).all()  # fmt: skip
    theirs = by.sees_all or by.role in (MANAGER, ADMINISTRATOR)
    theirs = theirs or any(row.person_id == by.person_id for row in planned)
    who = "a manager or an admin"
    for name in (row.name for row in planned if row.active):
        who = f"a manager, an admin or {name}, who planned it,"
    return Rights(theirs or not planned, theirs, who)


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
