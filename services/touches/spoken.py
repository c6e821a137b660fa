"""Whether anybody has spoken with a customer since something happened: a mail that left, a call, a meeting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.tables import Customer, Touch
from services.access import Viewer, visible


def spoken(
    customer_id: ColumnElement[int] | InstrumentedAttribute[int],
    since: ColumnElement[datetime] | InstrumentedAttribute[datetime],
    until: datetime | ColumnElement[datetime],
) -> ColumnElement[bool]:
    """The condition that there is a contact between the two moments; one that was let go of is none."""
    return exists().where(
        Touch.customer_id == customer_id,
        Touch.at >= since,
        Touch.at <= until,
        Touch.released_at.is_(None),
    )


def unspoken(
    session: Session, by: Viewer, *, since: datetime, until: datetime
) -> list[tuple[int, datetime | None]]:
    """Customers without a contact between the two moments, and the last one before: who never had any first, then
    who waits longest. Those that left us are not waited for."""
    last = (
        select(Touch.customer_id, func.max(Touch.at).label("at"))
        .where(Touch.at <= until, Touch.released_at.is_(None))
        .group_by(Touch.customer_id)
        .subquery()
    )
    rows = session.execute(
        select(Customer.id, last.c.at)
        .outerjoin(last, last.c.customer_id == Customer.id)
        .where(
            visible(by),
            Customer.churned_on.is_(None),
            or_(last.c.at.is_(None), last.c.at < since),
        )
        .order_by(last.c.at.is_not(None), last.c.at, Customer.name, Customer.id)
    )
    return [(number, at) for number, at in rows]
