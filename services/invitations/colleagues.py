"""Who else at a customer could be asked to an event."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Invitation, Registration, Stakeholder
from services.invitations.recipients import recipients

ROLES = ("champion", "executive_sponsor", "admin", "user")


def colleagues(
    session: Session, event_id: int, customer_ids: Collection[int]
) -> dict[int, list[int]]:
    """By customer, its stakeholders who can be written to and have neither been asked to this event nor
    registered for it: the champion first."""
    asked = select(Invitation.stakeholder_id).where(Invitation.event_id == event_id)
    registered = select(Registration.stakeholder_id).where(
        Registration.event_id == event_id, Registration.stakeholder_id.is_not(None)
    )
    rows: list[Any] = []
    for some in pieces(customer_ids):
        rows += session.execute(
            select(Stakeholder.id, Stakeholder.customer_id, Stakeholder.role).where(
                Stakeholder.customer_id.in_(some),
                Stakeholder.id.not_in(asked),
                Stakeholder.id.not_in(registered),
            )
        ).all()
    reachable = recipients(session, {row.id for row in rows})
    found: dict[int, list[int]] = {}
    for row in sorted(rows, key=lambda row: (_rank(row.role), row.id)):
        if row.id in reachable:
            found.setdefault(row.customer_id, []).append(row.id)
    return found


def _rank(role: str | None) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)
