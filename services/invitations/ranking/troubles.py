"""Customers who wait for help: whether to invite them now is for their CSM to decide."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.tables import Ticket

OPEN = ("new", "open", "pending", "on_hold")
SEVERE = ("urgent", "high")


def open_major(session: Session, customer_ids: Collection[int] | None = None) -> dict[int, str]:
    """By customer the number of its newest severe ticket that is open, or one whose follow-up will be a
    repair of the relationship."""
    wanted = select(Ticket.customer_id, Ticket.number).where(
        Ticket.state.in_(OPEN),
        Ticket.customer_id.is_not(None),
        or_(Ticket.severity.in_(SEVERE), Ticket.level == "relationship_repair"),
    )
    if customer_ids is not None:
        wanted = wanted.where(Ticket.customer_id.in_(customer_ids))
    rows = session.execute(wanted.order_by(Ticket.opened_at, Ticket.id))
    return {customer: number for customer, number in rows if customer is not None}
