"""Reminders to those who are registered: drafted ahead, so that they can be approved in time, and sent at
their moment. Never to people who cancelled, nor for events that are off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, Event, Registration
from services import drafts
from services.drafts import NewDraft
from services.drafts.wholes import standing
from services.ids import public_id
from services.invitations.catalogue import checks
from services.invitations.catalogue.saying import when, where
from services.invitations.coming import Registrant, registrants
from services.invitations.links import answer_url
from services.invitations.recipients import Recipient, recipients
from services.invitations.records import REMINDER, SOURCE, TOPIC
from services.invitations.withdrawing import OPEN_DRAFTS

USUAL = (3 * 24 * 60, 60)
"""Minutes before the start: three days, an hour."""
A_DAY = 24 * 60
LEAD = timedelta(days=7)
"""How long before its moment a reminder is drafted."""
MOST = 500
LONGEST = timedelta(minutes=checks.LONGEST_BEFORE) + LEAD
NO_LONGER = "They are no longer registered, or the event has changed."


@dataclass(frozen=True)
class Due:
    """A reminder: how many minutes before the start it is one of, and when it leaves."""

    minutes: int
    at: datetime


def moment_before(starts_at: datetime, zone: str, minutes: int) -> datetime:
    """When it is that long before the start. Whole days are counted on the clocks of the place: three days
    before ten o'clock is ten o'clock, also when the clocks change in between. Shorter times are exact."""
    if minutes % A_DAY:
        return starts_at - timedelta(minutes=minutes)
    there = checks.zone(zone)
    wall = starts_at.astimezone(there).replace(tzinfo=None) - timedelta(minutes=minutes)
    return wall.replace(tzinfo=there)


def due_for(event: Event, registered_at: datetime, now: datetime) -> list[Due]:
    """The reminders of one registrant that are to be drafted now: those to come within LEAD, and after the
    person registered."""
    offsets = USUAL if event.reminders is None else event.reminders
    every = (Due(one, moment_before(event.starts_at, event.time_zone, one)) for one in offsets)
    return [due for due in every if registered_at < due.at and now < due.at <= now + LEAD]


def remind(session: Session, event_id: int, now: datetime) -> int:
    """Draft what is due for one event, MOST at a time so that nobody who writes waits long, and take back
    what is no longer true; how many drafts are new. Doing it again makes nothing twice.
    """
    event = session.get(Event, event_id)
    if event is None:
        return 0
    coming = [] if event.status == "cancelled" else registrants(session, event_id)
    known = _known(session, event, coming, now)
    wanted = [
        (who, due)
        for who in coming
        for due in due_for(event, who.at, now)
        if key_of(event, who.registration_id, due.minutes) not in known
    ]
    if event.starts_at <= now or not wanted:
        return 0
    people = recipients(session, {who.stakeholder_id for who, _ in wanted})
    made = [
        _draft(event, who, due, people[who.stakeholder_id])
        for who, due in wanted
        if who.stakeholder_id in people
    ][:MOST]
    return len(drafts.create_many(session, made, now=now))


def upcoming(session: Session, now: datetime) -> list[int]:
    """The events whose reminders may be due or may have to be taken back."""
    return list(
        session.scalars(
            select(Event.id)
            .where(
                Event.starts_at.between(now, now + LONGEST),
                select(Registration.id).where(Registration.event_id == Event.id).exists(),
            )
            .order_by(Event.starts_at)
        )
    )


def key_of(event: Event, registration_id: int, minutes: int) -> str:
    """Names the occasion: an event that is moved or otherwise changed is reminded of anew."""
    return f"{REMINDER}:{registration_id}:{minutes}:{stamp_of(event)}"


def stamp_of(event: Event) -> str:
    """What a reminder of the event as it is now ends its key with."""
    changed = f"r{event.revision}" if event.revision else ""
    return f"{event.starts_at:%Y%m%d%H%M}{changed}"


def _known(session: Session, event: Event, coming: Sequence[Registrant], now: datetime) -> set[str]:
    """The keys of the reminders there are. Drafts to people who no longer come, or for a time at which the
    event no longer is, are withdrawn."""
    true = {one.registration_id for one in coming}
    stamp = stamp_of(event)
    rows = session.execute(
        select(Draft.id, Draft.dedup_key, standing().label("state")).where(
            Draft.source == SOURCE, Draft.source_id == event.id, Draft.kind == REMINDER
        )
    ).all()
    stale = [
        row.id
        for row in rows
        if row.state in OPEN_DRAFTS and not _holds(row.dedup_key, true, stamp)
    ]
    drafts.cancel_many(session, stale, NO_LONGER, now=now)
    return {row.dedup_key for row in rows}


def _holds(key: str, true: set[int], stamp: str) -> bool:
    _, number, _, at = key.split(":")[:4]
    return int(number) in true and at == stamp


def _draft(event: Event, who: Registrant, due: Due, to: Recipient) -> NewDraft:
    online = who.seat != "in_person"
    query = {"id": public_id("event", event.id)}
    place = "Online" if online and event.virtual else where(event)
    sessions = [
        {"title": str(one.get("title", "")), "when": ""} for one in who.sessions if one.get("title")
    ]
    values = {
        "first_name": to.first_name,
        "event": event.name,
        "begins": begins(due.minutes),
        "when": when(event),
        "where": place,
        "join_url": (event.join_url or "") if online else "",
        "sessions": sessions[:5],
        "answer_url": answer_url(who.token) if who.token else "",
        "sender_name": to.csm,
        "signature": to.signature,
    }
    return NewDraft(
        dedup_key=key_of(event, who.registration_id, due.minutes),
        kind=REMINDER,
        topic=TOPIC,
        customer_id=to.customer_id,
        stakeholder_id=to.stakeholder_id,
        source=SOURCE,
        source_id=event.id,
        template="invitations/reminder",
        values=values,
        evidence=[
            _said("your seat is ready", f"Registered since {who.at.day} {who.at:%B %Y}.", query),
            _said(f"{when(event)}, {place}", "As the event is planned.", query),
        ],
        not_before=due.at,
        expires_at=event.starts_at,
        owner_id=to.csm_id,
        may_hold=False,
    )


def _said(claim: str, fact: str, query: dict[str, str]) -> dict[str, Any]:
    return {"claim": claim, "fact": fact, "screen": "event", "query": query}


def begins(minutes: int) -> str:
    """`in 3 days`, `tomorrow`, `in an hour`, `in 90 minutes`."""
    if minutes % A_DAY == 0:
        days = minutes // A_DAY
        return "tomorrow" if days == 1 else f"in {days} days"
    if minutes % 60 == 0:
        hours = minutes // 60
        return "in an hour" if hours == 1 else f"in {hours} hours"
    return f"in {minutes} minutes"
