"""Adding tasks and moving them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from data.errors import CHANGED_SINCE, BadInput, InvalidMove
from data.once import add_once
from data.tables import Person, Task
from services.access import Viewer, audit, require_customer
from services.access.day import zone_of
from services.tasks.calendar import ask_to_leave, ask_to_sync
from services.tasks.calls import forget_call, note_call
from services.tasks.days import kept, midnight
from services.tasks.find import find
from services.tasks.records import CANCELLED_FOR, MANUAL, NewTask
from services.tasks.repeats import anchored, next_due

MOVES = {"open": {"done", "cancelled"}, "done": {"open"}, "cancelled": {"open"}}
MOST_DETAIL = 5_000


def add(session: Session, new: NewTask, *, now: datetime, by: Viewer | None = None) -> int | None:
    """The task's id; None when this occasion has its task already."""
    zone = zone_of(session, new.owner_id)
    due_at = kept(new.due_at, zone, whole_day=new.whole_day)
    repeats = None
    if new.repeats:
        next_due(new.repeats, due_at, now)
        repeats = anchored(new.repeats, due_at.day)
    task_id = add_once(
        session,
        Task,
        dedup_key=new.dedup_key,
        owner_id=new.owner_id,
        customer_id=new.customer_id,
        stakeholder_id=new.stakeholder_id,
        title=new.title[:300],
        detail=new.detail[:MOST_DETAIL],
        due_at=due_at,
        whole_day=new.whole_day,
        minutes=new.minutes,
        repeats=repeats,
        source=new.source,
        source_id=new.source_id,
        created_by=by.person_id if by else None,
        created_at=now,
        updated_at=now,
    )
    if task_id is not None:
        ask_to_sync(session, session.get_one(Task, task_id), now)
    return task_id


def add_own(session: Session, new: NewTask, *, by: Viewer, now: datetime) -> int:
    """A task that a person enters; theirs unless they name somebody else. BadInput without a title."""
    if not new.title.strip():
        raise BadInput("Say in a few words what has to be done.")
    if new.customer_id is not None:
        require_customer(session, by, new.customer_id)
    key = new.dedup_key or f"manual:{secrets.token_hex(8)}"
    owner = new.owner_id or by.person_id
    task_id = add(
        session,
        replace(new, title=new.title.strip(), dedup_key=key, owner_id=owner),
        now=now,
        by=by,
    )
    if task_id is None:
        raise InvalidMove("This task is there already.")
    return task_id


def move(session: Session, task_id: int, to: str, *, by: Viewer, now: datetime) -> int | None:
    """Done, cancelled, or open again; a call that is done counts as a contact. Gives the id of the next one when a repeating task is done."""
    task = find(session, by, task_id, lock=True)
    if to == task.state:
        return None
    if to not in MOVES[task.state]:
        raise InvalidMove(f"This task is {task.state}; it cannot become {to}.")
    was_done = task.done_at
    task.state, task.updated_at = to, now
    if to == "open" and task.source != MANUAL and task.detail.startswith(CANCELLED_FOR):
        task.detail = task.detail.partition("\n")[2]  # a person's from here on: see `bring_back`
    task.done_at = now if to == "done" else None
    task.done_by = by.person_id if to == "done" else None
    if to == "done":
        note_call(session, task, by=by)
    else:
        forget_call(session, task, was_done, now)
    audit(session, by, f"task.{to}", "task", task.id, task.title, now)
    ask_to_sync(session, task, now)
    return _following(session, task, now) if to == "done" and task.repeats else None


def _following(session: Session, task: Task, now: datetime) -> int | None:
    """Once: a task that is opened again and done again has its next one already, and a second would begin a
    series beside the first."""
    assert task.repeats is not None
    series = f"{task.dedup_key.partition('@')[0]}@"
    if _goes_on(session, task, series):
        return None
    zone = zone_of(session, task.owner_id)
    was = task.due_at if task.whole_day else task.due_at.astimezone(ZoneInfo(zone))
    due = next_due(task.repeats, was, midnight(now, zone) if task.whole_day else now)
    key = f"{series}{due:%Y-%m-%dT%H%M}"
    added = add(
        session,
        NewTask(
            dedup_key=key,
            title=task.title,
            due_at=due,
            owner_id=task.owner_id,
            customer_id=task.customer_id,
            stakeholder_id=task.stakeholder_id,
            detail=task.detail,
            whole_day=task.whole_day,
            minutes=task.minutes,
            repeats=anchored(task.repeats, was.day),
            source=task.source,
            source_id=task.source_id,
        ),
        now=now,
    )
    return added if added is not None else _wanted_after_all(session, key, now)


def _goes_on(session: Session, task: Task, series: str) -> bool:
    """Whether a later one of the series is open or done."""
    later = exists().where(
        Task.id > task.id,
        Task.dedup_key.startswith(series, autoescape=True),
        Task.state != "cancelled",
    )
    return bool(session.scalar(select(later)))


def _wanted_after_all(session: Session, key: str, now: datetime) -> int:
    """The next one, cancelled while the one before it was open again."""
    task = session.scalars(select(Task).where(Task.dedup_key == key).with_for_update()).one()
    task.state, task.updated_at = "open", now
    ask_to_sync(session, task, now)
    return task.id


def snooze(
    session: Session, task_id: int, until: datetime, *, by: Viewer, now: datetime
) -> tuple[datetime, datetime | None]:
    """Hide the task until then; its due date stays, so that it still counts as late. For `snooze_back`: until
    when, and until when it was hidden before."""
    task = find(session, by, task_id, lock=True)
    if task.state != "open":
        raise InvalidMove("Only an open task can be snoozed.")
    if until <= now:
        raise BadInput("Choose a time that is still to come.")
    before = task.snoozed_until if task.snoozed_until and task.snoozed_until > now else None
    task.snoozed_until, task.updated_at = until, now
    return until, before


def snooze_back(
    session: Session,
    task_id: int,
    until: datetime,
    before: datetime | None,
    *,
    by: Viewer,
    now: datetime,
) -> bool:
    """Take back what `snooze` did; whether the task is hidden still, as it was before. InvalidMove where somebody
    has changed that since."""
    task = find(session, by, task_id, lock=True)
    if task.snoozed_until != until or task.state != "open":
        raise InvalidMove(CHANGED_SINCE)
    task.snoozed_until, task.updated_at = before, now
    return before is not None and before > now


def wake(session: Session, task_id: int, *, by: Viewer, now: datetime) -> None:
    """Show a snoozed task again."""
    task = find(session, by, task_id, lock=True)
    task.snoozed_until, task.updated_at = None, now


def reassign(session: Session, task_id: int, owner_id: int, *, by: Viewer, now: datetime) -> None:
    """Give the task to a colleague who is still with us."""
    task = find(session, by, task_id, lock=True)
    owner = session.get(Person, owner_id)
    if owner is None or not owner.active:
        raise BadInput("This colleague is not active. Choose somebody else.")
    before, task.owner_id, task.updated_at = task.owner_id, owner_id, now
    if before is not None and before != owner_id and task.calendar_id:
        ask_to_leave(session, task, before, now)
    audit(session, by, "task.reassigned", "task", task.id, f"to {owner.name}", now)
    ask_to_sync(session, task, now)
