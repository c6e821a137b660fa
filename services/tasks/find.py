"""Whose tasks one may see."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Customer, Task
from services.access import Viewer, visible


def find(session: Session, by: Viewer, task_id: int, *, lock: bool = False) -> Task:
    """A task of one's own or of a customer one sees; NotFound otherwise."""
    statement = (
        select(Task)
        .outerjoin(Customer, Customer.id == Task.customer_id)
        .where(Task.id == task_id, mine_or_visible(by))
    )
    found = session.scalar(statement.with_for_update(of=Task) if lock else statement)
    if found is None:
        raise NotFound("There is no such task among yours.")
    return found


def mine_or_visible(by: Viewer) -> ColumnElement[bool]:
    """The condition on Task (outer-joined to Customer) that every query for tasks carries."""
    if by.sees_all:
        return true()
    return or_(Task.owner_id.in_(by.desks), Task.customer_id.is_not(None) & visible(by))
