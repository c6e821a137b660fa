"""Calls among the tasks: one that is done is a contact with the customer, and none when it is opened again."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import Task
from data.versions import FACTS, bump
from services import touches
from services.access import Viewer

_CALL = re.compile(
    r"\s*(?:(?:call|phone(?!\s+numbers?\b)|ring)\b(?![-'’]\w|\W+(?:off|for)\b)"
    r"|spoke\s+with\b(?!\W+(?:nobody|no[ -]?one|none)\b))",
    re.IGNORECASE,
)
"""Titles of calls begin so, whoever wrote them: not "Call off …", "Ring-fence …", "Phone number …"."""


def is_call(title: str) -> bool:
    return _CALL.match(title) is not None


def note_call(session: Session, task: Task, *, by: Viewer) -> None:
    """Of a task that was just done; nothing where it is no call, or no customer's."""
    if task.customer_id is None or task.done_at is None or not is_call(task.title):
        return
    touches.spoke(
        session, task.customer_id, task.stakeholder_id, task.title, by=by, now=task.done_at
    )
    bump(session, FACTS)


def forget_call(session: Session, task: Task, done_at: datetime | None, now: datetime) -> None:
    """Of a task that was done then, and is open again."""
    if task.customer_id is None or done_at is None:
        return
    if touches.unspoke(session, task.customer_id, done_at, now):
        bump(session, FACTS)
