"""Registrations entered one by one: by the invited person's own press, or by a colleague."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove
from data.tables import Event, Invitation, Registration, Stakeholder
from services.invitations.catalogue.book import required
from services.invitations.catalogue.records import state_of
from services.invitations.registrations.platforms import primary_addresses

COMING = ("registered", "attended")
FULL = "All seats are taken. On the waiting list you are told when one becomes free."


def register(
    session: Session, invitation: Invitation, seat: str, *, source: str, now: datetime
) -> Registration:
    """The invited person comes. InvalidMove when the event is off, over, or full; BadInput for a seat that
    it does not have."""
    event = required(session, invitation.event_id, lock=True)
    check_open(event, now)
    if seat not in seats_of(event):
        raise BadInput("There are no such seats at this event. Choose one of those on the page.")
    found = of_invitation(session, invitation)
    if (found is None or found.state not in COMING) and free_seats(session, event) == 0:
        raise InvalidMove(FULL)
    if found is None:
        found = _new(session, invitation, source, now)
    found.state, found.seat, found.updated_at = "registered", seat, now
    found.invitation_id, invitation.waits_since = invitation.id, None
    session.flush()
    return found


def unregister(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """The invited person does not come after all, under whichever of their addresses they are registered."""
    for found in session.scalars(_theirs(invitation).where(Registration.state == "registered")):
        found.state, found.updated_at = "cancelled", now
    session.flush()


def of_invitation(session: Session, invitation: Invitation) -> Registration | None:
    """The registration that answers it; the one that stands, where there are several."""
    r = Registration
    standing = _theirs(invitation).order_by(r.state.in_(COMING).desc(), r.id)
    return session.scalars(standing.limit(1)).first()


def _theirs(invitation: Invitation) -> Select[Registration]:
    r = Registration
    return select(r).where(
        r.event_id == invitation.event_id,
        (r.invitation_id == invitation.id) | (r.stakeholder_id == invitation.stakeholder_id),
    )


def check_open(event: Event, now: datetime) -> None:
    """InvalidMove when nobody can answer any more, with words for the invited person."""
    minutes = event.duration_minutes
    state = state_of(event.status, event.starts_at, event.ends_at, minutes, now)
    if state == "cancelled":
        raise InvalidMove("This event has been cancelled.")
    if state == "over":
        raise InvalidMove("This event is over.")


def seats_of(event: Event) -> tuple[str, ...]:
    """The kinds of seats an event has. One that takes place nowhere is virtual."""
    if not event.city:
        return ("virtual",)
    return ("in_person", "virtual") if event.virtual else ("in_person",)


def free_seats(session: Session, event: Event) -> int | None:
    """None without a limit."""
    if event.capacity is None:
        return None
    return max(event.capacity - people_coming(session, event.id), 0)


def people_coming(session: Session, event_id: int) -> int:
    """Distinct people: somebody under two addresses has one seat."""
    r = Registration
    who = func.coalesce(r.stakeholder_id, -r.id)
    wanted = select(func.count(who.distinct())).where(r.event_id == event_id, r.state.in_(COMING))
    return session.scalar(wanted) or 0


def _new(session: Session, invitation: Invitation, source: str, now: datetime) -> Registration:
    person = session.get_one(Stakeholder, invitation.stakeholder_id)
    email = primary_addresses(session, [person.id]).get(person.id)
    if email is None:
        raise BadInput("No mail address is known for this person. Add one on the customer's page.")
    known = session.scalar(
        select(Registration).where(
            Registration.event_id == invitation.event_id, Registration.email == email
        )
    )
    made = known or Registration(event_id=invitation.event_id, email=email, source=source, at=now)
    made.name = f"{person.first_name} {person.last_name}".strip() or None
    made.customer_id, made.stakeholder_id = invitation.customer_id, person.id
    session.add(made)
    return made
