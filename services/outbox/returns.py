"""The way back to drafts of a mail that a person took out of the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import OutboxMail
from services.access import Viewer

Return = Callable[[Session, OutboxMail, Viewer, datetime], None]
"""Give back what waits behind the cancelled mail's draft. The queue's row is locked: InvalidMove rather than wait for
somebody who may wait for that."""
_RETURNS: list[Return] = []


def add_return(give_back: Return) -> Return:
    """Let drafts learn that theirs was cancelled. A decorator, since they are above the queue."""
    if give_back not in _RETURNS:
        _RETURNS.append(give_back)
    return give_back


def cancelled(session: Session, row: OutboxMail, by: Viewer, now: datetime) -> None:
    for give_back in _RETURNS:
        give_back(session, row, by, now)
