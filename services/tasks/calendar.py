"""Tasks in the owner's calendar: kept in step with Google where it is connected, a file otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.settings import settings
from data.tables import Customer, Mailbox, Task
from integrations import calendar_file
from integrations.google_calendar import CalendarEntry, entry_id, put, remove
from integrations.google_http import GoogleAccount
from services import jobs
from services.access import Viewer
from services.access.day import zone_of
from services.ids import public_id
from services.mailboxes import calendar_of
from services.tasks.find import find

JOB = "task_calendar"


@dataclass(frozen=True)
class Step:
    """What has to be done in one calendar: put `entry` there, or (none) remove what is there under `gone`."""

    account: GoogleAccount
    entry: CalendarEntry | None
    gone: str | None


def ask_to_sync(session: Session, task: Task, now: datetime) -> None:
    """Have the worker bring the owner's calendar in step, where one is connected."""
    if task.owner_id is None and task.calendar_id is None:
        return
    connected = select(Mailbox.options).where(
        Mailbox.person_id == task.owner_id, Mailbox.kind == "gmail", Mailbox.state == "ready"
    )
    if any(options.get("calendar") for options in session.scalars(connected)):
        key = f"{JOB}:{task.id}:{task.updated_at.isoformat()}"
        jobs.add(session, JOB, key, {"task": task.id}, now=now)


def ask_to_leave(session: Session, task: Task, owner_id: int, now: datetime) -> None:
    """Have the entry removed from the calendar of somebody who owned the task before."""
    key = f"{JOB}:{task.id}:leave:{owner_id}:{now.isoformat()}"
    jobs.add(session, JOB, key, {"task": task.id, "leave": owner_id}, now=now)


def plan(session: Session, task_id: int, *, leave: int | None = None) -> Step | None:
    """What the owner's calendar lacks, or what the one of `leave` (a person) has too much.

    None when there is no calendar, or nothing to do. The call itself (`carry_out`) belongs outside of
    the transaction.
    """
    if leave is not None:
        former = calendar_of(session, leave)
        return Step(former, None, entry_id(public_id("task", task_id))) if former else None
    task = session.get(Task, task_id)
    if task is None or task.owner_id is None:
        return None
    account = calendar_of(session, task.owner_id)
    if account is None:
        return None
    if task.state == "cancelled":
        return Step(account, None, task.calendar_id) if task.calendar_id else None
    return Step(account, _entry(session, task), None)


def carry_out(step: Step) -> str | None:
    """The entry's id in the calendar; None when it is gone. Raises Trouble; may be tried again."""
    if step.entry is not None:
        return put(step.account, step.entry)
    if step.gone is not None:
        remove(step.account, step.gone)
    return None


def record(session: Session, task_id: int, calendar_id: str | None) -> None:
    task = session.get(Task, task_id)
    if task is not None:
        task.calendar_id = calendar_id


def calendar_entry_file(
    session: Session, by: Viewer, task_id: int, now: datetime
) -> tuple[str, bytes]:
    """Name and content of an `.ics` of the task, for any calendar. NotFound for tasks of others."""
    task = find(session, by, task_id)
    title, detail = _words(session, task)
    start = task.due_at.date() if task.whole_day else task.due_at
    length = timedelta(days=1) if task.whole_day else timedelta(minutes=task.minutes)
    entry = calendar_file.Entry(
        uid=f"{public_id('task', task.id)}@{settings().mail_domain}",
        title=title,
        stamp=now,
        zone=zone_of(session, task.owner_id),
        start=start,
        end=start + length,
        description=detail,
        alarm=None if task.whole_day else timedelta(minutes=15),
    )
    return f"{public_id('task', task.id)}.ics", calendar_file.ics(entry)


def _entry(session: Session, task: Task) -> CalendarEntry:
    title, detail = _words(session, task)
    day = task.due_at.date() if task.whole_day else task.due_at
    return CalendarEntry(
        key=public_id("task", task.id),
        title=f"Done: {title}" if task.state == "done" else title,
        detail=detail,
        start=day,
        length=timedelta(days=1) if task.whole_day else timedelta(minutes=task.minutes),
        zone=zone_of(session, task.owner_id),
        link=_link(task),
    )


def _words(session: Session, task: Task) -> tuple[str, str]:
    customer = session.scalar(select(Customer.name).where(Customer.id == task.customer_id))
    title = f"{customer}: {task.title}" if customer else task.title
    return title, "\n\n".join(part for part in (task.detail, _link(task)) if part)


def _link(task: Task) -> str:
    base = settings().base_url.rstrip("/")
    if task.customer_id is None:
        return f"{base}/"
    return f"{base}/customer?id={public_id('customer', task.customer_id)}"
