"""The audit log: who did what to which record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import AuditEntry
from services.access.viewer import Viewer


def audit(  # noqa: PLR0913 - the parts of a log line
    session: Session,
    by: Viewer | None,
    action: str,
    entity: str,
    entity_id: int | None,
    what: str,
    now: datetime,
    *,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one row, in the transaction of the change itself.

    `action` is `noun.verb_ed` ("customer.edited"), `entity` a table's name, `what` the change in a
    few words: never a mail address, never a body. What was done with a token says with which.
    """
    token = by.token if by else None
    session.add(
        AuditEntry(
            at=now,
            person_id=by.person_id if by else None,
            action=action,
            entity=entity,
            entity_id=entity_id,
            what=what,
            detail={**(detail or {}), "token": token} if token else detail,
        )
    )


def by_others(session: Session, entity: str, entity_id: int, by: Viewer) -> bool:
    """Whether people other than `by` have done something with it that is in the log."""
    theirs = select(AuditEntry.id).where(
        AuditEntry.entity == entity,
        AuditEntry.entity_id == entity_id,
        AuditEntry.person_id.is_not(None),
        AuditEntry.person_id.not_in(by.who),
    )
    return session.scalar(theirs.limit(1)) is not None
