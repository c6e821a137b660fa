"""Calls among the tasks: one that is done is a contact with the customer and stands on its timeline, until it is
opened again."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import Task
from data.versions import FACTS, bump
from services import timeline, touches
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
    timeline.note(
        session, task.customer_id, "task", task.done_at, task.title,
        dedup_key=_key(task, task.done_at), stakeholder_id=task.stakeholder_id, by=by,
    )  # fmt: skip
    bump(session, FACTS)


def forget_call(session: Session, task: Task, done_at: datetime | None, now: datetime) -> None:
    """Of a task that was done then, and is open again."""
    if task.customer_id is None or done_at is None:
        return
    if touches.unspoke(session, task.customer_id, done_at, now):
        timeline.withdraw(session, [_key(task, done_at)], now)
        bump(session, FACTS)


def _key(task: Task, done_at: datetime) -> str:
    return f"task:{task.id}:{done_at.isoformat()}"
