"""Lists of tasks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from data.tables import Customer, Person, Stakeholder, Task
from services.access import Viewer
from services.tasks.find import mine_or_visible
from services.tasks.records import TaskRow

MOST = 500


def listing(  # noqa: PLR0913 - the filters of one list
    session: Session,
    by: Viewer,
    now: datetime,
    *,
    mine: bool = True,
    state: str = "open",
    customer_id: int | None = None,
    snoozed: bool = False,
    due_before: datetime | None = None,
    limit: int = 100,
) -> list[TaskRow]:
    """Soonest first. `mine`: only one's own; else those of all customers one sees. Snoozed tasks are
    left out until their time, unless `snoozed`."""
    owner = aliased(Person)
    statement = (
        select(Task, Customer.name, Stakeholder.first_name, Stakeholder.last_name, owner.name)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == Task.stakeholder_id)
        .outerjoin(owner, owner.id == Task.owner_id)
        .where(Task.state == state, Task.owner_id.in_(by.desks) if mine else mine_or_visible(by))
    )
    if customer_id is not None:
        statement = statement.where(Task.customer_id == customer_id)
    if not snoozed:
        statement = statement.where(or_(Task.snoozed_until.is_(None), Task.snoozed_until <= now))
    if due_before is not None:
        statement = statement.where(Task.due_at < due_before)
    newest_first = state != "open"
    order = Task.due_at.desc() if newest_first else Task.due_at
    rows = session.execute(statement.order_by(order, Task.id).limit(min(limit, MOST)))
    return [
        TaskRow(
            id=task.id,
            title=task.title,
            detail=task.detail,
            customer_id=task.customer_id,
            customer=customer,
            stakeholder=" ".join(part for part in (first, last) if part) or None,
            owner_id=task.owner_id,
            owner=owner_name,
            due_at=task.due_at,
            whole_day=task.whole_day,
            snoozed_until=task.snoozed_until,
            repeats=task.repeats,
            state=task.state,
            done_at=task.done_at,
            source=task.source,
            source_id=task.source_id,
            late=task.state == "open" and is_late(task, now),
        )
        for task, customer, first, last, owner_name in rows
    ]


def is_late(task: Task, now: datetime) -> bool:
    """A task for a day is late when the day is over, one for an hour when the hour has come."""
    return task.due_at.date() < now.date() if task.whole_day else task.due_at < now


def count_due(session: Session, by: Viewer, until: datetime, now: datetime) -> int:
    """How many of one's own open tasks fall due before `until` and are not snoozed."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Task)
            .where(
                Task.owner_id.in_(by.desks),
                Task.state == "open",
                Task.due_at < until,
                or_(Task.snoozed_until.is_(None), Task.snoozed_until <= now),
            )
        )
        or 0
    )
