"""Those who would come if there were a seat: in the order in which they asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Draft, Event, Invitation
from services import drafts
from services.drafts import NewDraft
from services.drafts.wholes import standing
from services.ids import public_id
from services.invitations.catalogue.saying import when, where
from services.invitations.links import answer_url
from services.invitations.recipients import Recipient, recipients
from services.invitations.records import SEAT_FREE, SOURCE, TOPIC
from services.invitations.registrations import unregister
from services.invitations.registrations.book import free_seats
from services.invitations.withdrawing import OPEN_DRAFTS

MOST = 100
SEATS = ("virtual", "in_person")
_ANSWERED = ("registered", "declined", "attended", "missed", "withdrawn")
TAKEN = "The seat is taken, or they wait no more."


def wait(
    session: Session, invitation: Invitation, event: Event, answer: str | None, now: datetime
) -> None:
    """Put somebody on the list; whoever is on it keeps the place. InvalidMove while there are seats."""
    if answer in SEATS or free_seats(session, event) != 0:
        raise InvalidMove("There is a seat for you: choose it on the page.")
    unregister(session, invitation, now=now)
    invitation.waits_since = invitation.waits_since or now
    session.flush()


def waiting(session: Session, now: datetime) -> list[int]:
    """The events to come for which somebody waits."""
    queued = select(Invitation.id).where(
        Invitation.event_id == Event.id, Invitation.waits_since.is_not(None)
    )
    rows = select(Event.id).where(Event.starts_at > now, Event.status == "planned", queued.exists())
    return list(session.scalars(rows.order_by(Event.starts_at)))


def offer_seats(session: Session, event_id: int, now: datetime) -> int:
    """Draft a note to as many of the first as there are free seats, and withdraw those for whom there is
    none any more. How many are new; doing it again makes nothing twice.

    Nothing is kept for them: the first to answer has the seat.
    """
    event = session.get(Event, event_id)
    if event is None or event.status != "planned" or event.starts_at <= now:
        return 0
    free = free_seats(session, event)
    first = queue(session, event_id, MOST if free is None else min(free, MOST))
    _withdraw(session, event_id, {_key(one) for one in first}, now)
    to = recipients(session, {one.stakeholder_id for one in first})
    made = [_draft(event, one, to[one.stakeholder_id]) for one in first if one.stakeholder_id in to]
    return len(drafts.create_many(session, made, now=now)) if made else 0


def queue(session: Session, event_id: int, most: int = MOST) -> Sequence[Invitation]:
    """Who waits for a seat at this event, the first of them."""
    i = Invitation
    return session.scalars(
        select(i)
        .where(i.event_id == event_id, i.waits_since.is_not(None), i.state.not_in(_ANSWERED))
        .order_by(i.waits_since, i.id)
        .limit(most)
    ).all()


def _key(one: Invitation) -> str:
    return f"{SEAT_FREE}:{one.id}:{one.waits_since:%Y%m%d%H%M%S}"


def _withdraw(session: Session, event_id: int, true: set[str], now: datetime) -> None:
    rows = session.execute(
        select(Draft.id, Draft.dedup_key).where(
            Draft.source == SOURCE, Draft.source_id == event_id, Draft.kind == SEAT_FREE,
            standing().in_(OPEN_DRAFTS),
        )
    )  # fmt: skip
    drafts.cancel_many(
        session, [row.id for row in rows if row.dedup_key not in true], TAKEN, now=now
    )


def _draft(event: Event, one: Invitation, to: Recipient) -> NewDraft:
    shown = {"screen": "event", "query": {"id": public_id("event", event.id)}}
    since = one.waits_since
    fact = f"On the waiting list since {since.day} {since:%B %Y}." if since else ""
    return NewDraft(
        dedup_key=_key(one),
        kind=SEAT_FREE,
        topic=TOPIC,
        customer_id=to.customer_id,
        stakeholder_id=to.stakeholder_id,
        source=SOURCE,
        source_id=event.id,
        template="invitations/seat_free",
        values={
            "first_name": to.first_name,
            "event": event.name,
            "when": when(event),
            "where": where(event),
            "answer_url": answer_url(one.token),
            "sender_name": to.csm,
            "signature": to.signature,
        },
        evidence=[
            {"claim": "You asked to be told", "fact": fact, **shown},
            {"claim": "A seat has become free", "fact": "Counted when this was written.", **shown},
        ],
        expires_at=event.starts_at,
        owner_id=to.csm_id,
        may_hold=False,
    )
