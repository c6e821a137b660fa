"""Where a customer went that was merged into another: links and bookmarks outlive it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import AuditEntry, Customer
from services.access import Viewer, require_customer
from services.customers.merging import MERGED, UNMERGED, standing

MOST_STEPS = 20
"""One may go into one that goes into another; more than this is no history but a circle."""


def went_into(session: Session, by: Viewer, customer_id: int) -> int | None:
    """The customer that a merged one is part of now; None when it was never merged. NotFound when that is
    outside the portfolio of `by`."""
    number: int | None = customer_id
    for _ in range(MOST_STEPS):
        number = _next(session, number) if number is not None else None
        if number is not None and session.get(Customer, number) is not None:
            return require_customer(session, by, number).id
    return None


def present(session: Session, by: Viewer, customer_id: int) -> int:
    """The customer that this number stands for today: itself, or what it was merged into. NotFound as
    `went_into`; a number that never was one comes back as it is."""
    if session.get(Customer, customer_id) is not None:
        return customer_id
    return went_into(session, by, customer_id) or customer_id


def came_along(session: Session, customer_ids: Iterable[int]) -> list[str]:
    """The further identifiers that these customers have from what was merged into them."""
    moved = [
        (entry.detail or {}).get("moved", {}).get("customer_identifier.customer_id", [])
        for number in customer_ids
        for entry in standing(session, number)
    ]
    return [str(one) for some in moved for one in some]


def _next(session: Session, customer_id: int) -> int | None:
    entry = AuditEntry
    found = session.execute(
        select(entry.id, entry.entity_id)
        .where(entry.action == MERGED, entry.detail["gone"]["id"].as_integer() == customer_id)
        .order_by(entry.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    taken_back = select(entry.id).where(
        entry.action == UNMERGED,
        entry.entity_id == found.entity_id,
        entry.detail["entry"].as_integer() == found.id,
    )
    return None if session.scalar(taken_back) else found.entity_id
