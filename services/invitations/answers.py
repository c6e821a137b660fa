"""The page on which an invited person answers: what it shows, and what a press of its buttons does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, Event, Invitation, Stakeholder
from integrations.calendar_file import Entry, ics
from services import timeline
from services.ids import public_id
from services.invitations.catalogue import checks
from services.invitations.catalogue.book import required
from services.invitations.catalogue.records import ended
from services.invitations.moves import move
from services.invitations.registrations import register, unregister
from services.invitations.registrations.book import (
    COMING,
    FULL,
    check_open,
    free_seats,
    of_invitation,
    seats_of,
)
from services.invitations.withdrawing import withdraw_from_person
from services.notifications import Action, notify
from services.tracking import LENGTH

CHOICES = ("virtual", "in_person", "decline")
LONGEST_WHY = 500
UNKNOWN = "This address belongs to no invitation of ours. It may have been cut off: open it from the mail again."


@dataclass(frozen=True)
class Picked:
    """A session that was picked for the invited person; `when` in the event's zone."""

    title: str
    when: str
    why: str


@dataclass(frozen=True)
class InvitationPage:
    """What the invited person sees. `closed`: why nothing can be answered any more. `answer` is the seat
    they have, "declined", or None. `registration_url`: the platform that takes registrations."""

    event: str
    when: str
    where: str
    description: str
    first_name: str
    seats: tuple[str, ...]
    sessions: tuple[Picked, ...]
    registration_url: str | None
    answer: str | None
    closed: str | None


def page(session: Session, token: str, now: datetime) -> InvitationPage:
    """For the invitation with this token; NotFound without one. Changes nothing."""
    invitation, event = _found(session, token)
    person = session.get_one(Stakeholder, invitation.stakeholder_id)
    answer = _answer(session, invitation)
    return InvitationPage(
        event.name,
        when(event),
        where(event),
        event.description or "",
        person.first_name,
        seats_of(event),
        tuple(_picked(one, event) for one in invitation.sessions[:10]),
        event.registration_url,
        answer,
        _closed(session, event, answer, now),
    )


def answer(session: Session, token: str, choice: str, why: str = "", *, now: datetime) -> None:
    """Register for a seat, or decline with a reason. Pressed twice is as pressed once.

    NotFound for a token that is none, BadInput for another choice, InvalidMove when it is too late.
    """
    if choice not in CHOICES:
        raise BadInput("Choose one of the buttons on the page.")
    invitation, event = _found(session, token, lock=True)
    check_open(event, now)
    said = " ".join(why.split())[:LONGEST_WHY]
    if choice == "decline":
        changed = invitation.state != "declined" or (said and said != invitation.declined_why)
        unregister(session, invitation, now=now)
        invitation.declined_why, to_state = said or invitation.declined_why or "", "declined"
    else:
        if event.registration_url:
            raise InvalidMove("Register where the page leads you to.")
        changed = _answer(session, invitation) != choice
        register(session, invitation, choice, source="link", now=now)
        invitation.declined_why, to_state = None, "registered"
    invitation.answered_at = now
    move(session, invitation, to_state, now=now, why=said or None)
    if changed:
        _tell(session, invitation, event, choice, said, now)
    if choice == "decline":
        withdraw_from_person(session, invitation, "They do not come.", now=now)


def calendar(session: Session, token: str, now: datetime) -> bytes:
    """The event as an `.ics` for the invited person; NotFound."""
    invitation, event = _found(session, token)
    return calendar_of(event, f"{invitation.token}@invitations", now)


def calendar_of(event: Event, uid: str, now: datetime) -> bytes:
    """An event to come as a calendar entry, in its own zone."""
    return ics(
        Entry(
            uid=uid,
            title=event.name,
            stamp=now,
            zone=event.time_zone,
            start=event.starts_at,
            end=ended(event.starts_at, event.ends_at, event.duration_minutes),
            description=event.description or "",
            location=where(event),
            url=event.join_url or event.registration_url or "",
            alarm=timedelta(minutes=30),
        )
    )


def when(event: Event) -> str:
    """`Sunday 15 – Monday 16 March 2026`, or `Sunday 15 March 2026, 09:00–17:00 (America/Los_Angeles)`."""
    zone = checks.zone(event.time_zone)
    start = event.starts_at.astimezone(zone)
    end = ended(event.starts_at, event.ends_at, event.duration_minutes).astimezone(zone)
    if end.date() != start.date():
        first = f"{start:%A} {start.day}" + ("" if start.month == end.month else f" {start:%B}")
        return f"{first} – {end:%A} {end.day} {end:%B %Y}"
    day = f"{start:%A} {start.day} {start:%B %Y}"
    return f"{day}, {start:%H:%M}–{end:%H:%M} ({event.time_zone})"


def where(event: Event) -> str:
    """`Moscone Center, San Francisco, United States, or online`."""
    place = ", ".join(part for part in (event.place, event.city, event.country) if part)
    if not event.city:
        return "Online"
    return f"{place}, or online" if event.virtual else place


def _found(session: Session, token: str, *, lock: bool = False) -> tuple[Invitation, Event]:
    """Locked, the event always before the invitation: as whoever cancels the event does."""
    whose = select(Invitation.event_id).where(Invitation.token == token)
    event_id = session.scalar(whose) if len(token) == LENGTH else None
    if event_id is None:
        raise NotFound(UNKNOWN)
    event = required(session, event_id, lock=lock)
    wanted = select(Invitation).where(Invitation.token == token)
    found = session.scalars(wanted.with_for_update() if lock else wanted)
    return found.one(), event


def _answer(session: Session, invitation: Invitation) -> str | None:
    found = of_invitation(session, invitation)
    if found is not None and found.state in COMING:
        return found.seat or invitation.seat
    cancelled = found is not None and found.state == "cancelled"
    return "declined" if cancelled or invitation.declined_why is not None else None


def _closed(session: Session, event: Event, answer: str | None, now: datetime) -> str | None:
    try:
        check_open(event, now)
    except InvalidMove as error:
        return error.message
    full = answer in (None, "declined") and free_seats(session, event) == 0
    return FULL if full and not event.registration_url else None


def _picked(one: dict[str, str], event: Event) -> Picked:
    at = one.get("starts_at")
    moment = datetime.fromisoformat(at).astimezone(checks.zone(event.time_zone)) if at else None
    said = f"{moment:%A} {moment.day} {moment:%B, %H:%M}" if moment else ""
    return Picked(one["title"], said, one.get("why", ""))


def _tell(
    session: Session, invitation: Invitation, event: Event, choice: str, why: str, now: datetime
) -> None:
    """The customer's timeline, and whoever looks after it."""
    person = session.get_one(Stakeholder, invitation.stakeholder_id)
    customer = session.get_one(Customer, invitation.customer_id)
    name = f"{person.first_name} {person.last_name}".strip() or "A stakeholder"
    did = "declined" if choice == "decline" else "registered for"
    title = f"{name} {did} {event.name}"[:300]
    key = f"invitation:{invitation.id}:{choice}:{now:%Y%m%d%H%M%S}"
    query = {"id": public_id("event", event.id)}
    timeline.note(
        session, customer.id, "event", now, title, f"Reason: {why}" if why else "",
        dedup_key=key, stakeholder_id=person.id, screen="event", query=query,
    )  # fmt: skip
    if customer.csm_id is not None:
        shown = (("id", public_id("customer", customer.id)),)
        notify(
            session, customer.csm_id, key, "invitation_answered", title,
            f"Reason: {why}" if why else "", customer_id=customer.id,
            actions=[Action("Event", "event", tuple(query.items())), Action("Customer", "customer", shown)],
            now=now,
        )  # fmt: skip
