"""Lists of tasks."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from data.tables import Customer, Person, Stakeholder, Task
from data.types import UtcDateTime
from services.access import Viewer
from services.access.day import usable_zone, zone_of
from services.tasks.days import awake, due_before, due_by, ends_of, is_over, midnight
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
    asked = _asked(
        by, mine=mine, newest_first=state != "open", of_customer=customer_id is not None,
        snoozed=snoozed, due=due is not None, after=after is not None,
    )  # fmt: skip
    told = {"state": state, "customer_id": customer_id, "now": now, "most": min(limit, MOST)}
    for name, day in (("due", due), ("after", after)):
        if day is not None:
            told[f"{name}_kept"], told[f"{name}_lived"] = ends_of(
                day, zone_of(session, by.person_id)
            )
    rows = session.execute(asked, told)
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


@lru_cache(maxsize=256)
def _asked(  # noqa: PLR0913 - as the filters of the list
    by: Viewer,
    *,
    mine: bool,
    newest_first: bool,
    of_customer: bool,
    snoozed: bool,
    due: bool,
    after: bool,
) -> Select[*tuple[Any, ...]]:
    """Kept, since putting it together takes several times as long as the answer."""
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
        .where(Task.state == bindparam("state"))
        .where(Task.owner_id.in_(by.desks) if mine else mine_or_visible(by))
    )
    if of_customer:
        statement = statement.where(Task.customer_id == bindparam("customer_id"))
    if after:
        statement = statement.where(or_(~_due("after"), Task.snoozed_until > _NOW))
    elif not snoozed:
        statement = statement.where(awake(_NOW))
    if due:
        statement = statement.where(_due("due"))
    order = Task.due_at.desc() if newest_first else Task.due_at
    return statement.order_by(order, Task.id).limit(bindparam("most", type_=Integer))


def count_due(session: Session, by: Viewer, now: datetime, day: date) -> tuple[int, int]:
    """How many there are of which `listing(due=day)` gives the first, and how many of them are late."""
    zones = session.execute(select(Person.id, Person.time_zone).where(Person.id.in_(by.desks)))
    late = [
        and_(Task.owner_id == number, due_before(midnight(now, usable_zone(zone)), now))
        for number, zone in zones
    ]
    counted = select(func.count(), func.count(case((or_(false(), *late), 1)))).where(
        Task.state == "open",
        Task.owner_id.in_(by.desks),
        awake(now),
        due_by(day, zone_of(session, by.person_id)),
    )
    many, are_late = session.execute(counted).one()
    return many, are_late


_NOW = bindparam("now", type_=UtcDateTime)


def _due(name: str) -> ColumnElement[bool]:
    kept, lived = (bindparam(f"{name}_{of}", type_=UtcDateTime) for of in ("kept", "lived"))
    return due_before(kept, lived)


def _hidden(task: Task, now: datetime) -> bool:
    return task.snoozed_until is not None and task.snoozed_until > now
