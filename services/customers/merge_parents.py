"""Parents and children of two customers that become one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.tables import Customer
from services.customers.parents import closes_circle


def take_over(session: Session, kept: Customer, gone: Customer) -> dict[str, Any]:
    """Hang the children of the one under the other, and give it a parent if it has none; how it was."""
    session.flush()
    below = select(Customer.id).where(Customer.parent_id == gone.id, Customer.id != kept.id)
    children = list(session.scalars(below))
    before = kept.parent_id
    session.execute(update(Customer).where(Customer.id.in_(children)).values(parent_id=kept.id))
    wanted = gone.parent_id if before in (None, gone.id) else before
    kept.parent_id = None
    session.flush()
    if wanted and not closes_circle(kept.id, wanted, _above(session)):
        kept.parent_id = wanted
    session.flush()
    return {
        "gone": gone.id,
        "children": children,
        "parent": gone.parent_id,
        "before": before,
        "after": kept.parent_id,
    }


def rejoin(session: Session, kept: Customer, number: int, family: dict[str, Any]) -> None:
    """Put the family together again, where nobody has changed it since."""
    mine = Customer.id.in_(family["children"]) & (Customer.parent_id == kept.id)
    session.execute(update(Customer).where(mine).values(parent_id=number))
    was_parent = session.scalar(select(Customer.id).where(Customer.id == family["parent"]))
    if was_parent is not None and not closes_circle(number, was_parent, _above(session)):
        session.execute(update(Customer).where(Customer.id == number).values(parent_id=was_parent))
    if kept.parent_id == family["after"] and family["before"] != family["after"]:
        former = session.scalar(select(Customer.id).where(Customer.id == family["before"]))
        wanted = number if family["before"] == family["gone"] else former
        if wanted is None or not closes_circle(kept.id, wanted, _above(session)):
            kept.parent_id = wanted
    session.flush()


def _above(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(Customer.id, Customer.parent_id).where(Customer.parent_id.is_not(None))
    )
    return {number: parent for number, parent in rows if parent is not None}
