"""The page on which an invited person answers: what it shows, and what a press of its buttons does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, Event, Invitation, Stakeholder
from integrations.calendar_file import Invitee
from services import timeline
from services.ids import public_id
from services.invitations.catalogue import checks
from services.invitations.catalogue.book import required, sessions_of
from services.invitations.catalogue.records import SessionPlan
from services.invitations.catalogue.saying import when, where
from services.invitations.entry import entry_of, uid_of
from services.invitations.moves import move
from services.invitations.picked import still_on
from services.invitations.recipients import recipients
from services.invitations.registrations import register, unregister
from services.invitations.registrations.book import (
    COMING,
    check_open,
    free_seats,
    of_invitation,
    seats_of,
)
from services.invitations.waiting_list import offer_seats, wait
from services.invitations.withdrawing import withdraw_from_person
from services.notifications import Action, notify
from services.tracking import LENGTH

CHOICES = ("virtual", "in_person", "wait", "decline")
LONGEST_WHY = 500
_DID = {"decline": "declined", "wait": "waits for a seat at"}
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
    they have, "waits" (for one), "declined", or None. `full`: no seat is free for them. `registration_url`:
    the platform that takes registrations."""

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
    full: bool
    cancelled: bool = False


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
        tuple(
            _picked(one, why, event)
            for one, why in still_on(invitation.sessions, sessions_of(session, event.id))
        )[:10],
        event.registration_url,
        answer,
        _closed(event, now),
        _full(session, event, answer),
        event.status == "cancelled",
    )


def answer(session: Session, token: str, choice: str, why: str = "", *, now: datetime) -> None:
    """Register for a seat, wait for one, or decline with a reason. Pressed twice is as pressed once.

    NotFound for a token that is none, BadInput for another choice, InvalidMove when it is too late.
    """
    if choice not in CHOICES:
        raise BadInput("Choose one of the buttons on the page.")
    invitation, event = _found(session, token, lock=True)
    check_open(event, now)
    said = " ".join(why.split())[:LONGEST_WHY]
    changed = _take(session, invitation, event, (choice, said), now)
    invitation.answered_at = now
    if changed:
        _tell(session, invitation, event, choice, said, now)
    if choice == "decline":
        withdraw_from_person(session, invitation, "They do not come.", now=now)
        offer_seats(session, event.id, now)


def _take(
    session: Session, invitation: Invitation, event: Event, said: tuple[str, str], now: datetime
) -> bool:
    """Keep an answer: choice and reason. Whether it is another one than before."""
    choice, why = said
    before = _answer(session, invitation)
    if choice == "decline":
        changed = before != "declined" or bool(why and why != invitation.declined_why)
        unregister(session, invitation, now=now)
        invitation.declined_why = why or invitation.declined_why or ""
        invitation.waits_since = None
        move(session, invitation, "declined", now=now, why=why or None)
        return changed
    if event.registration_url:
        raise InvalidMove("Register where the page leads you to.")
    if choice == "wait":
        wait(session, invitation, event, before, now)
    else:
        register(session, invitation, choice, source="link", now=now)
        move(session, invitation, "registered", now=now)
    invitation.declined_why = None
    return before != ("waits" if choice == "wait" else choice)


def calendar(session: Session, token: str, now: datetime) -> bytes:
    """The event as an `.ics` for the invited person, as it stands now; NotFound."""
    invitation, event = _found(session, token)
    to = recipients(session, [invitation.stakeholder_id]).get(invitation.stakeholder_id)
    organiser = Invitee(to.csm, to.csm_email) if to and to.csm_email else None
    return entry_of(event, uid_of(invitation.token), now, organiser)[0]


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
        seats = seats_of(session.get_one(Event, invitation.event_id))
        chosen = found.seat or invitation.seat
        return chosen if chosen in seats else seats[0]
    if invitation.waits_since is not None:
        return "waits"
    cancelled = found is not None and found.state == "cancelled"
    return "declined" if cancelled or invitation.declined_why is not None else None


def _closed(event: Event, now: datetime) -> str | None:
    try:
        check_open(event, now)
    except InvalidMove as error:
        return error.message
    return None


def _full(session: Session, event: Event, answer: str | None) -> bool:
    """Of an event whose seats we give out ourselves."""
    outside = answer in (None, "waits", "declined")
    return outside and not event.registration_url and free_seats(session, event) == 0


def _picked(one: SessionPlan, why: str, event: Event) -> Picked:
    moment = one.starts_at.astimezone(checks.zone(event.time_zone)) if one.starts_at else None
    said = f"{moment:%A} {moment.day} {moment:%B, %H:%M} ({event.time_zone})" if moment else ""
    return Picked(one.title, said, why)


def _tell(
    session: Session, invitation: Invitation, event: Event, choice: str, why: str, now: datetime
) -> None:
    """The customer's timeline, and whoever looks after it."""
    person = session.get_one(Stakeholder, invitation.stakeholder_id)
    customer = session.get_one(Customer, invitation.customer_id)
    name = f"{person.first_name} {person.last_name}".strip() or "A stakeholder"
    did = _DID.get(choice, "registered for")
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
