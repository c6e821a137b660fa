"""Who comes to an event, as far as they are stakeholders of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Event, Invitation, Registration
from services.invitations.catalogue.book import sessions_of
from services.invitations.picked import still_on
from services.invitations.registrations.book import seats_of


@dataclass(frozen=True)
class Registrant:
    """Somebody who comes. `seat` None: not known."""

    registration_id: int
    stakeholder_id: int
    at: datetime
    seat: str | None
    token: str | None
    sessions: Sequence[dict[str, Any]] = ()
    lost: str | None = None
    """The kind of seat they chose, where the event has it no more: theirs is then of the other kind."""


def registrants(session: Session, event_id: int) -> list[Registrant]:
    """One per person: under two addresses one is written to once."""
    r, i = Registration, Invitation
    seats, programme = seats_of(session.get_one(Event, event_id)), sessions_of(session, event_id)
    rows = session.execute(
        select(r.id, r.stakeholder_id, r.at, r.seat, i.token, i.seat.label("offered"), i.sessions)
        .outerjoin(i, i.id == r.invitation_id)
        .where(r.event_id == event_id, r.state == "registered", r.stakeholder_id.is_not(None))
        .order_by(r.id.desc())
    )
    found = {
        row.stakeholder_id: Registrant(
            row.id, row.stakeholder_id, row.at, _seat(row.seat or row.offered, seats), row.token,
            [{"title": now.title} for now, _ in still_on(row.sessions or (), programme)], row.seat if row.seat and row.seat not in seats else None,
        )
        for row in rows
    }  # fmt: skip
    return sorted(found.values(), key=lambda one: one.registration_id)


def _seat(chosen: str | None, seats: Sequence[str]) -> str | None:
    """As the event is now."""
    return chosen if chosen in seats or (chosen is None and len(seats) > 1) else seats[0]
