"""Tasks that are closed: by a press, or because their occasion is gone; and opened again when that comes back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import CHANGED_SINCE, InvalidMove
from data.tables import Person, Task
from services.access import Viewer, audit
from services.tasks.book import move
from services.tasks.calendar import ask_to_sync
from services.tasks.find import find
from services.tasks.records import CANCELLED_FOR, Closing

PIECE = 500


def close(session: Session, task_id: int, to: str, *, by: Viewer, now: datetime) -> Closing:
    """As `move`; where somebody was quicker there is nothing of one's own to take back."""
    task = find(session, by, task_id, lock=True)
    if task.state == to:
        return Closing(None, who_did(session, task, by))
    move(session, task_id, to, by=by, now=now)
    return Closing(now)


def open_again(
    session: Session, task_id: int, closed_at: datetime, *, by: Viewer, now: datetime
) -> None:
    """Take back the closing of that moment. InvalidMove where somebody has changed the task since."""
    task = find(session, by, task_id, lock=True)
    if task.state == "open" or task.updated_at != closed_at:
        raise InvalidMove(CHANGED_SINCE)
    move(session, task_id, "open", by=by, now=now)


def who_did(session: Session, task: Task, by: Viewer) -> str | None:
    """The colleague who has done it; None where that is not known, or was `by`."""
    if task.done_by is None or task.done_by == by.person_id:
        return None
    return session.get_one(Person, task.done_by).name


def cancel_for(
    session: Session,
    source: str,
    source_ids: Collection[int],
    why: str,
    *,
    now: datetime,
    by: Viewer | None = None,
) -> int:
    """Cancel the open tasks of these occasions; the reason stands above what the task says. How many."""
    tasks = _of(session, source, source_ids, "open")
    for task in tasks:
        task.state, task.updated_at = "cancelled", now
        task.detail = f"{CANCELLED_FOR}{' '.join(why.split())}\n{task.detail}"
        audit(session, by, "task.cancelled", "task", task.id, task.title, now)
        ask_to_sync(session, task, now)
    return len(tasks)


def cancel_untouched(session: Session, task_id: int, *, by: Viewer, now: datetime) -> bool:
    """Cancel a task that is open and as it was made; whether it was."""
    task = find(session, by, task_id, lock=True)
    if task.state != "open" or task.updated_at != task.created_at:
        return False
    move(session, task_id, "cancelled", by=by, now=now)
    return True


def bring_back(
    session: Session,
    source: str,
    source_ids: Collection[int],
    *,
    now: datetime,
    by: Viewer | None = None,
) -> int:
    """Open again what `cancel_for` has cancelled, and nothing that a person has; how many."""
    tasks = [
        task
        for task in _of(session, source, source_ids, "cancelled")
        if task.detail.startswith(CANCELLED_FOR)
    ]
    for task in tasks:
        task.state, task.updated_at = "open", now
        task.detail = task.detail.partition("\n")[2]
        audit(session, by, "task.open", "task", task.id, task.title, now)
        ask_to_sync(session, task, now)
    return len(tasks)


def _of(session: Session, source: str, source_ids: Collection[int], state: str) -> list[Task]:
    ordered = sorted(set(source_ids))
    return [
        task
        for start in range(0, len(ordered), PIECE)
        for task in session.scalars(
            select(Task)
            .where(
                Task.source == source,
                Task.source_id.in_(ordered[start : start + PIECE]),
                Task.state == state,
            )
            .order_by(Task.id)
            .with_for_update()
        )
    ]
