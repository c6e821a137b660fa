"""Topics that customers do not want to hear about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import TopicDismissal
from data.versions import INVITATIONS, bump
from services.access import Viewer, require_customer

LONGEST = 200


def dismiss(
    session: Session,
    customer_id: int,
    topic: str,
    *,
    by: Viewer,
    now: datetime,
    event_id: int | None = None,
) -> int:
    """Note that a customer does not want to hear about a topic: it counts against events on it. Each time
    counts, up to five. The id; NotFound when the customer is not `by`'s to see."""
    require_customer(session, by, customer_id)
    said = " ".join(topic.split())
    if not 0 < len(said) <= LONGEST:
        raise BadInput(f"Name the topic, in up to {LONGEST} characters.")
    row = TopicDismissal(
        customer_id=customer_id, topic=said, event_id=event_id,
        person_id=by.person_id, at=now,
    )  # fmt: skip
    session.add(row)
    bump(session, INVITATIONS)
    session.flush()
    return row.id


def withdraw_dismissal(session: Session, dismissal_id: int, *, by: Viewer, now: datetime) -> None:
    """Take one back; the row stays."""
    row = session.get(TopicDismissal, dismissal_id)
    if row is None:
        raise NotFound("There is no such note. Reload the page.")
    require_customer(session, by, row.customer_id)
    row.withdrawn_at = row.withdrawn_at or now
    bump(session, INVITATIONS)
    session.flush()


def dismissed(session: Session, by: Viewer, customer_id: int) -> list[tuple[int, str, datetime]]:
    """What stands: id, topic, since when."""
    require_customer(session, by, customer_id)
    d = TopicDismissal
    rows = session.execute(
        select(d.id, d.topic, d.at)
        .where(d.customer_id == customer_id, d.withdrawn_at.is_(None))
        .order_by(d.at.desc(), d.id)
    )
    return [(row.id, row.topic, row.at) for row in rows]
