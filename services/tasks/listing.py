"""Lists of tasks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from data.tables import Customer, Person, Stakeholder, Task
from services.access import Viewer
from services.access.day import usable_zone, zone_of
from services.tasks.days import due_by, is_over
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
    due: date | None = None,
    after: date | None = None,
    limit: int = 100,
) -> list[TaskRow]:
    """Soonest first. `mine`: only one's own; else those of all customers one sees. Snoozed tasks are
    left out until their time, unless `snoozed`. `due`: those of that day of the reader's, and before.
    `after`: what `due` of that day leaves out, the snoozed included."""
    owner = aliased(Person)
    statement = (
        select(
            Task,
            Customer.name,
            Stakeholder.first_name,
            Stakeholder.last_name,
            owner.name,
            owner.time_zone,
        )
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .outerjoin(Stakeholder, Stakeholder.id == Task.stakeholder_id)
        .outerjoin(owner, owner.id == Task.owner_id)
        .where(Task.state == state, Task.owner_id.in_(by.desks) if mine else mine_or_visible(by))
    )
    if customer_id is not None:
        statement = statement.where(Task.customer_id == customer_id)
    if after is not None:
        there = due_by(after, zone_of(session, by.person_id))
        statement = statement.where(or_(~there, Task.snoozed_until > now))
    elif not snoozed:
        statement = statement.where(or_(Task.snoozed_until.is_(None), Task.snoozed_until <= now))
    if due is not None:
        statement = statement.where(due_by(due, zone_of(session, by.person_id)))
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
            snoozed_until=task.snoozed_until if _hidden(task, now) else None,
            repeats=task.repeats,
            state=task.state,
            done_at=task.done_at,
            source=task.source,
            source_id=task.source_id,
            late=task.state == "open" and is_over(task, usable_zone(zone), now),
        )
        for task, customer, first, last, owner_name, zone in rows
    ]


def _hidden(task: Task, now: datetime) -> bool:
    return task.snoozed_until is not None and task.snoozed_until > now
