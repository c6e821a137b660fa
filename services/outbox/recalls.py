"""The way back from the last gate to those who approve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import OutboxMail

Recall = Callable[[Session, OutboxMail, str, datetime], bool]
"""Let the mail's draft wait for a second person, for this reason; False while somebody else is at it."""
_RECALLS: list[Recall] = []


def add_recall(recall: Recall) -> Recall:
    """Let drafts take back what was approved by too few. A decorator, since they are above the queue."""
    if recall not in _RECALLS:
        _RECALLS.append(recall)
    return recall


def taken_back(session: Session, row: OutboxMail, why: str, now: datetime) -> bool:
    """False: it stays in the queue, and must not leave."""
    return bool(_RECALLS) and all(recall(session, row, why, now) for recall in _RECALLS)
