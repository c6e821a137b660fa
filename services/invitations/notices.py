"""What those who are registered are told when an event is called off, or is at another time or place.

It follows from the tables alone who still has to be told, so whoever comes by may do it: the page that
cancels or changes an event, and the worker for what was left.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from data.tables import Customer, Draft, Event, Invitation, Registration, Stakeholder
from integrations.calendar_file import Invitee
from services import drafts, tasks
from services.drafts import NewDraft
from services.drafts.wholes import standing
from services.ids import public_id
from services.invitations import strangers
from services.invitations.catalogue.saying import at as told_of
from services.invitations.catalogue.saying import when, where
from services.invitations.coming import Registrant, registrants
from services.invitations.entry import attached, uid_of
from services.invitations.links import answer_url
from services.invitations.recipients import Recipient, recipients
from services.invitations.records import CALLED_OFF, MOVED, SOURCE, TOPIC
from services.invitations.waiting_list import queue
from services.invitations.withdrawing import OPEN_DRAFTS
from services.tasks import NewTask

MOST = 500
CALL = "invitation_tell:"
ANEW = "The event has changed again, or they no longer come."
TEMPLATES = {CALLED_OFF: "invitations/called_off", MOVED: "invitations/moved"}


@dataclass(frozen=True)
class Told:
    """`drafts` are new and wait for approval, `calls` new tasks about people who cannot be written to.
    `unknown`: registered people of no customer, whom nothing here can reach. `waiting`: new tasks about people
    who wait for a seat."""

    drafts: int = 0
    calls: int = 0
    unknown: int = 0
    waiting: int = 0


def due(session: Session, now: datetime) -> list[int]:
    """The events whose registrants may have to be told something."""
    changed = or_(
        and_(Event.status == "cancelled", Event.cancelled_at.is_not(None)),
        and_(Event.status == "planned", Event.moved_at.is_not(None)),
    )
    known = select(Registration.id).where(
        Registration.event_id == Event.id, Registration.state == "registered"
    )
    wanted = select(Event.id).where(Event.starts_at > now, changed, known.exists())
    return list(session.scalars(wanted.order_by(Event.starts_at)))


def tell(session: Session, event_id: int, now: datetime) -> Told:
    """Draft what one event's registrants have to be told, MOST at a time so that nobody who writes waits
    long, and take back what is no longer true. Doing it again makes nothing twice."""
    event = session.get(Event, event_id)
    kind = _kind(event, now)
    if event is None or kind is None:
        return Told()
    since = event.moved_at if kind == MOVED else None
    people = [one for one in registrants(session, event_id) if since is None or one.at <= since]
    known, before = _known(session, event, kind, {key_of(event, kind, one) for one in people}, now)
    wanted = [
        one
        for one in people
        if key_of(event, kind, one) not in known
        and before.get(one.registration_id) != told_of(event)
    ]  # fmt: skip
    to = recipients(session, {one.stakeholder_id for one in wanted})
    made = [
        _draft(event, kind, one, to[one.stakeholder_id], before.get(one.registration_id), now)
        for one in [one for one in wanted if one.stakeholder_id in to][:MOST]
    ]
    calls = sum(
        _ask_to_call(session, event, kind, one, now)
        for one in [one for one in wanted if one.stakeholder_id not in to][:MOST]
    )
    what, stamp = _news(kind), f"{kind}:{since:%Y%m%d%H%M%S}" if since else kind
    calls += strangers.ask_to_tell(session, event, what, stamp, now)
    waiting = sum(
        _ask_to_call(session, event, kind, one, now)
        for one in queue(session, event_id)
        if since is None or (one.waits_since is not None and one.waits_since <= since)
    )
    new = len(drafts.create_many(session, made, now=now))
    return Told(new, calls, _unknown(session, event_id), waiting)


def _kind(event: Event | None, now: datetime) -> str | None:
    if event is None or event.starts_at <= now:
        return None
    if event.status == "cancelled":
        return CALLED_OFF if event.cancelled_at else None
    return MOVED if event.status == "planned" and event.moved_at else None


def key_of(event: Event, kind: str, one: Registrant | Invitation) -> str:
    """Names the occasion: each move is one of its own."""
    number = one.id if isinstance(one, Invitation) else one.registration_id
    stamp = f":{event.moved_at:%Y%m%d%H%M%S%f}" if kind == MOVED else ""
    return f"{kind}:{number}{stamp}"


def _known(
    session: Session, event: Event, kind: str, true: Collection[str], now: datetime
) -> tuple[set[str], dict[int, str]]:
    """The keys of what was drafted; and by registration what people last read of time and place, where a
    draft that never left was to tell of an earlier move. Such drafts are withdrawn."""
    rows = session.execute(
        select(Draft.id, Draft.dedup_key, standing().label("state"), Draft.values).where(
            Draft.source == SOURCE, Draft.source_id == event.id, Draft.kind == kind
        )
    ).all()
    stale = [row for row in rows if row.state in OPEN_DRAFTS and row.dedup_key not in true]
    before: dict[int, str] = {}
    for row in stale:
        if drafts.cancel_many(session, [row.id], ANEW, now=now):
            number = int(row.dedup_key.split(":")[1])
            before.setdefault(number, str(row.values.get("before") or ""))
    return {row.dedup_key for row in rows}, before


def _draft(
    event: Event, kind: str, one: Registrant, to: Recipient, before: str | None, now: datetime
) -> NewDraft:
    organiser = Invitee(to.csm, to.csm_email) if to.csm_email else None
    values = _values(event, kind, one, to, before)
    return NewDraft(
        dedup_key=key_of(event, kind, one),
        kind=kind,
        topic=TOPIC,
        customer_id=to.customer_id,
        stakeholder_id=to.stakeholder_id,
        source=SOURCE,
        source_id=event.id,
        template=TEMPLATES[kind],
        values=values,
        evidence=_evidence(event, kind, one, values),
        attachments=[attached(event, uid_of(one.token, one.registration_id), now, organiser)],
        expires_at=event.starts_at,
        owner_id=to.csm_id,
        may_hold=False,
    )


def _values(
    event: Event, kind: str, one: Registrant, to: Recipient, before: str | None
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "first_name": to.first_name,
        "event": event.name,
        "when": when(event),
        "sender_name": to.csm,
        "signature": to.signature,
    }
    if kind == CALLED_OFF:
        return values | {"why": event.cancelled_why or ""}
    was = before or event.moved_from or ""
    online = one.seat != "in_person" and event.virtual
    return values | {
        "news": "New place" if was.startswith(f"{when(event)}, ") else "New date",
        "where": "Online" if online else where(event),
        "before": was,
        "lost": one.lost or "",
        "answer_url": answer_url(one.token) if one.token else "",
    }


def _evidence(
    event: Event, kind: str, one: Registrant, values: dict[str, Any]
) -> list[dict[str, Any]]:
    at = one.at
    shown = {"screen": "event", "query": {"id": public_id("event", event.id)}}
    seat = {"claim": "your registration", "fact": f"Registered since {at.day} {at:%B %Y}.", **shown}
    if kind == CALLED_OFF:
        off = event.cancelled_at
        said = f"Called off on {off.day} {off:%B %Y}: {event.cancelled_why}." if off else ""
        return [seat, {"claim": "will not take place", "fact": said, **shown}]
    claim = f"{values['when']}, {values['where']}"
    return [
        seat,
        {"claim": claim, "fact": f"As the event is planned. Before: {values['before']}.", **shown},
    ]


def _ask_to_call(
    session: Session, event: Event, kind: str, one: Registrant | Invitation, now: datetime
) -> bool:
    """Who is registered and cannot be written to is to be called, and who waits for a seat is to be told, which
    is what an invitation stands for; False when that is on the list already."""
    waits = isinstance(one, Invitation)
    reason = "Waits for a seat" if waits else "Registered, and cannot be written to about events"
    person = session.get_one(Stakeholder, one.stakeholder_id)
    name = f"{person.first_name} {person.last_name}".strip() or "a registered person"
    made = tasks.add(
        session,
        NewTask(
            f"{CALL}{'waits:' if waits else ''}{key_of(event, kind, one)}",
            f"Tell {name} that {event.name} {_news(kind)}"[:300],
            min(now + timedelta(days=1), event.starts_at),
            session.get_one(Customer, person.customer_id).csm_id,
            customer_id=person.customer_id,
            stakeholder_id=person.id,
            detail=f"{reason}. {told_of(event)}.",
            source=SOURCE,
            source_id=event.id,
        ),
        now=now,
    )
    return made is not None


def _news(kind: str) -> str:
    return "is cancelled" if kind == CALLED_OFF else "has moved"


def _unknown(session: Session, event_id: int) -> int:
    wanted = select(func.count()).where(
        Registration.event_id == event_id,
        Registration.state == "registered",
        Registration.customer_id.is_(None),
    )
    return session.scalar(wanted) or 0
