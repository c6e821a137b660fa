"""Registered people of our customers who are no stakeholders: nobody writes to them until they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import Customer, Event, Registration
from services import tasks
from services.access import Viewer, visible
from services.invitations.catalogue.saying import at as told_of
from services.invitations.records import SOURCE
from services.tasks import NewTask

MOST = 500
ADD = "invitation_stranger:"


def ask_to_add(session: Session, event_id: int, now: datetime) -> int:
    """Put each on the list of their CSM, to be entered as a stakeholder: only those are reminded. How many
    are new."""
    event = session.get(Event, event_id)
    if event is None or event.status != "planned" or event.starts_at <= now:
        return 0
    words = ("Add", f"as a stakeholder: registered for {event.name}")
    return _ask(session, event, "", words, now)


def ask_to_tell(session: Session, event: Event, what: str, stamp: str, now: datetime) -> int:
    """An event is cancelled or has moved (`what`, in words): each is to be told by their CSM. How many are
    new; `stamp` names the occasion."""
    return _ask(session, event, f":{stamp}", ("Tell", f"that {event.name} {what}"), now)


def count(session: Session, by: Viewer, event_id: int) -> int:
    """Of customers that `by` sees."""
    found = _of(event_id).where(visible(by)).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _of(event_id: int) -> Any:
    """Registrations with the CSM of their customer."""
    return (
        select(Registration, Customer.csm_id)
        .join(Customer, Customer.id == Registration.customer_id)
        .where(
            Registration.event_id == event_id, Registration.state == "registered",
            Registration.stakeholder_id.is_(None), Customer.churned_on.is_(None),
        )
        .order_by(Registration.id)
    )  # fmt: skip


def _ask(session: Session, event: Event, stamp: str, words: tuple[str, str], now: datetime) -> int:
    detail = f"Registered, and no stakeholder of the customer, so no mail reaches them. {told_of(event)}."
    rows: list[Any] = list(session.execute(_of(event.id).limit(MOST)))
    made = [
        tasks.add(
            session,
            NewTask(
                f"{ADD}{row.id}{stamp}",
                f"{words[0]} {row.name or 'a registered person'} {words[1]}"[:300],
                min(now + timedelta(days=1), event.starts_at),
                csm_id,
                customer_id=row.customer_id,
                detail=detail,
                source=SOURCE,
                source_id=event.id,
            ),
            now=now,
        )
        for row, csm_id in rows
    ]
    return sum(one is not None for one in made)
