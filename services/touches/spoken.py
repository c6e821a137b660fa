"""Whether anybody has spoken with a customer since something happened: a mail that left, a call, a meeting."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import InstrumentedAttribute

from data.tables import Touch


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
