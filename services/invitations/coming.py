"""Who comes to an event, as far as they are stakeholders of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Invitation, Registration


@dataclass(frozen=True)
class Registrant:
    """Somebody who comes. `seat` None: not known."""

    registration_id: int
    stakeholder_id: int
    at: datetime
    seat: str | None
    token: str | None
    sessions: Sequence[dict[str, Any]] = ()


def registrants(session: Session, event_id: int) -> list[Registrant]:
    """One per person: under two addresses one is written to once."""
    r, i = Registration, Invitation
    rows = session.execute(
        select(r.id, r.stakeholder_id, r.at, r.seat, i.token, i.seat.label("offered"), i.sessions)
        .outerjoin(i, i.id == r.invitation_id)
        .where(r.event_id == event_id, r.state == "registered", r.stakeholder_id.is_not(None))
        .order_by(r.id.desc())
    )
    found = {
        row.stakeholder_id: Registrant(
            row.id, row.stakeholder_id, row.at, row.seat or row.offered, row.token,
            row.sessions or (),
        )
        for row in rows
    }  # fmt: skip
    return sorted(found.values(), key=lambda one: one.registration_id)
