"""Events in the catalogue: added, changed, copied."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from data.errors import InvalidMove, NotFound
from data.settings import settings
from data.tables import Event, EventOffer, EventResource, EventSession
from data.versions import FACTS, bump
from integrations import gazetteer
from services.access import Viewer, audit
from services.invitations.catalogue import checks, saying
from services.invitations.catalogue.checks import clean
from services.invitations.catalogue.records import (
    LONGEST_DAY,
    EventPlan,
    OfferPlan,
    SessionPlan,
    ended,
)
from services.planners import require_change

OF_RECORD = ("name", "type", "starts_at", "ends_at", "zone")
AUDIENCE = ("industries", "roles", "topics")
UNKNOWN = "There is no such event. Look it up on the Events page."


def create(session: Session, plan: EventPlan, *, by: Viewer, now: datetime) -> int:
    """Add a planned event; its id. BadInput names what cannot be kept.

    Coordinates are looked up from city and country where they are not given.
    """
    checks.check(plan)
    event = Event(status="planned", source="generic", created_at=now)
    _fill(event, plan)
    session.add(event)
    session.flush()
    _save_sessions(session, event.id, plan)
    _save_offers(session, event.id, plan)
    bump(session, FACTS)
    audit(session, by, "event.planned", "event", event.id, event.name, now)
    return event.id


def edit(session: Session, event_id: int, plan: EventPlan, *, by: Viewer, now: datetime) -> int:
    """Set all of a planned event; sessions and offers that are missing from the plan go. Its id.

    What was written with another time or place is for `services.invitations.moving`, which calls this.
    NotAllowed when it is not theirs to change; InvalidMove for a cancelled event, and for the name, kind and
    time of one that has been held.
    """
    event = required(session, event_id, lock=True)
    require_change(session, by, event_id)
    if event.status == "cancelled":
        raise InvalidMove("This event is cancelled. Duplicate it to plan it again.")
    checks.check(plan)
    _check_held(session, event, plan)
    moved = _refilled(event, plan, now)
    _save_sessions(session, event_id, plan)
    _save_offers(session, event_id, plan)
    bump(session, FACTS)
    what = f"{event.name}, moved" if moved else event.name
    audit(session, by, "event.edited", "event", event_id, what[:300], now)
    session.flush()
    return event_id


def _check_held(session: Session, event: Event, plan: EventPlan) -> None:
    """What attendance rests on stays."""
    if event.status != "held":
        return
    known = plan_of(session, event.id)
    if any(getattr(known, name) != getattr(plan, name) for name in OF_RECORD):
        raise InvalidMove(
            "This event has been held: attendance is on record for it, so its name, kind and time stay."
        )


def duplicate(
    session: Session, event_id: int, starts_at: datetime, *, by: Viewer, now: datetime
) -> int:
    """A new planned event like this one, at another time: sessions and offers move along by the same time
    in the event's zone. The id."""
    plan = plan_of(session, event_id)
    checks.check(replace(plan, starts_at=starts_at, ends_at=None, sessions=(), offers=()))
    there = checks.zone(plan.zone)
    away = starts_at.astimezone(there).replace(tzinfo=None) - _wall(plan.starts_at, plan.zone)
    days = timedelta(days=away.days)

    def moved(moment: datetime | None) -> datetime | None:
        # On the clocks of the place, so that a change of the clocks in between moves nothing.
        if moment is None:
            return None
        return (_wall(moment, plan.zone) + away).replace(tzinfo=there)

    sessions = tuple(replace(s, id=0, starts_at=moved(s.starts_at)) for s in plan.sessions)
    offers = tuple(
        replace(o, id=0, deadline=o.deadline + days if o.deadline else None) for o in plan.offers
    )
    copy = replace(
        plan, starts_at=starts_at, ends_at=moved(plan.ends_at), sessions=sessions, offers=offers
    )
    return create(session, copy, by=by, now=now)


def _wall(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(checks.zone(zone)).replace(tzinfo=None)


def plan_of(session: Session, event_id: int) -> EventPlan:
    """An event as a plan, for a form or a copy; NotFound."""
    event = required(session, event_id)
    audience = event.audience or {}
    return EventPlan(
        name=event.name,
        starts_at=event.starts_at,
        type=event.type,
        topic=event.topic,
        ends_at=event.ends_at or _by_duration(event),
        zone=event.time_zone,
        place=event.place,
        city=event.city,
        country=event.country,
        latitude=event.latitude,
        longitude=event.longitude,
        virtual=bool(event.virtual) or not event.city,
        join_url=event.join_url,
        registration_url=event.registration_url,
        capacity=event.capacity,
        description=event.description,
        segments=tuple(event.segments or ()),
        regions=tuple(event.regions or ()),
        **{name: tuple(audience.get(name) or ()) for name in AUDIENCE},
        reminders=None if event.reminders is None else tuple(event.reminders),
        sessions=sessions_of(session, event_id),
        offers=offers_of(session, event_id),
    )


def _by_duration(event: Event) -> datetime | None:
    minutes = event.duration_minutes
    return event.starts_at + timedelta(minutes=minutes) if minutes else None


def sessions_of(session: Session, event_id: int) -> tuple[SessionPlan, ...]:
    """The programme, in its order."""
    rows = session.scalars(
        select(EventSession)
        .where(EventSession.event_id == event_id)
        .order_by(EventSession.position, EventSession.id)
    )
    return tuple(
        SessionPlan(
            one.title, one.id, one.speaker, one.kind, tuple(one.topics), one.description,
            one.starts_at, one.minutes, one.room, one.virtual,
        )
        for one in rows
    )  # fmt: skip


def offers_of(session: Session, event_id: int) -> tuple[OfferPlan, ...]:
    rows = session.scalars(
        select(EventOffer).where(EventOffer.event_id == event_id).order_by(EventOffer.id)
    )
    return tuple(
        OfferPlan(one.title, one.id, one.code, one.detail, one.deadline, tuple(one.segments or ()))
        for one in rows
    )


def required(session: Session, event_id: int, *, lock: bool = False) -> Event:
    """The event; NotFound. Locked until the transaction ends where somebody means to change it."""
    event = session.get(Event, event_id, with_for_update=lock or None, populate_existing=lock)
    if event is None:
        raise NotFound(UNKNOWN)
    return event


def _refilled(event: Event, plan: EventPlan, now: datetime) -> bool:
    """Filled anew; whether it is at another time or place. The same moment told in another zone is not."""
    before, told, link = _whereabouts(event), saying.at(event), (event.join_url, event.name)
    _fill(event, plan)
    moved = before != _whereabouts(event)
    if moved:
        event.moved_at, event.moved_from = now, told[:700]
    if moved or link != (event.join_url, event.name):
        event.revision = (event.revision or 0) + 1
    return moved


def _whereabouts(event: Event) -> tuple[datetime, datetime, str]:
    end = ended(event.starts_at, event.ends_at, event.duration_minutes)
    return event.starts_at, end, saying.where(event)


def _fill(event: Event, plan: EventPlan) -> None:
    there = checks.zone(plan.zone)
    event.name = " ".join(plan.name.split())
    event.name_key = event.name.lower()[:300]
    event.type, event.topic = plan.type, _text(plan.topic, 200)
    event.starts_at, event.ends_at, event.time_zone = plan.starts_at, plan.ends_at, plan.zone
    event.held_on = plan.starts_at.astimezone(there).date()
    event.start_rank = event.length_rank = None  # no file knows better
    long = plan.ends_at is None or plan.ends_at - plan.starts_at > LONGEST_DAY
    event.duration_minutes = None if long else _minutes(plan)
    event.place, event.city = _text(plan.place, 200), _text(plan.city, 100)
    event.country = _text(plan.country, 100)
    event.latitude, event.longitude = _located(plan)
    event.virtual, event.capacity = plan.virtual, plan.capacity
    event.join_url, event.registration_url = _text(plan.join_url), _text(plan.registration_url)
    event.description = (plan.description or "").strip() or None
    event.segments = clean(plan.segments) or None
    event.regions = clean(plan.regions) or None
    said = {name: clean(getattr(plan, name)) for name in AUDIENCE}
    event.audience = {name: words for name, words in said.items() if words} or None
    event.reminders = None if plan.reminders is None else sorted(set(plan.reminders), reverse=True)


def _minutes(plan: EventPlan) -> float | None:
    return (plan.ends_at - plan.starts_at).total_seconds() / 60 if plan.ends_at else None


def _located(plan: EventPlan) -> tuple[float | None, float | None]:
    if plan.latitude is not None or not plan.city:
        return plan.latitude, plan.longitude
    found = gazetteer.find(plan.city, plan.country)
    return (found[0].latitude, found[0].longitude) if found else (None, None)


def _text(words: str | None, limit: int = 2_000) -> str | None:
    return " ".join((words or "").split())[:limit] or None


def _save_sessions(session: Session, event_id: int, plan: EventPlan) -> None:
    """What is not in a plan, such as takeaways, stays as it is."""
    known = _rows(session, EventSession, event_id)
    kept: set[int] = set()
    for position, one in enumerate(plan.sessions, 1):
        row = known.get(one.id)
        if row is None or row.id in kept:
            row = EventSession(event_id=event_id, position=position, title=one.title)
            session.add(row)
        row.position, row.kind = position, one.kind
        row.title = " ".join(one.title.split())
        row.speaker, row.room = _text(one.speaker, 200), _text(one.room, 100)
        row.topics, row.description = clean(one.topics), _text(one.description, 1_000)
        row.starts_at, row.minutes, row.virtual = one.starts_at, one.minutes, one.virtual
        session.flush()
        kept.add(row.id)
    gone = set(known) - kept
    session.execute(
        update(EventResource).where(EventResource.session_id.in_(gone)).values(session_id=None)
    )
    session.execute(delete(EventSession).where(EventSession.id.in_(gone)))


def _save_offers(session: Session, event_id: int, plan: EventPlan) -> None:
    known = _rows(session, EventOffer, event_id)
    kept: set[int] = set()
    for one in plan.offers:
        row = known.get(one.id)
        if row is None or row.id in kept:
            row = EventOffer(event_id=event_id, title=one.title)
            session.add(row)
        row.title, row.code = one.title.strip(), _text(one.code, 60)
        row.detail, row.deadline = _text(one.detail, 500), one.deadline
        row.segments = clean(one.segments) or None
        session.flush()
        kept.add(row.id)
    session.execute(delete(EventOffer).where(EventOffer.id.in_(set(known) - kept)))


def _rows(session: Session, table: Any, event_id: int) -> dict[int, Any]:
    found = session.scalars(select(table).where(table.event_id == event_id))
    return {row.id: row for row in found}


def blank(now: datetime) -> EventPlan:
    """What a form for a new event begins with: in four weeks, at ten, for an hour."""
    day = (now + timedelta(days=28)).replace(hour=10, minute=0, second=0, microsecond=0)
    zone = settings().default_zone
    start = day.replace(tzinfo=checks.zone(zone))
    return EventPlan("", start, ends_at=start + timedelta(hours=1), zone=zone)
