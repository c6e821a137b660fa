"""What no platform tells of an event: its sessions with their takeaways, what to pass on, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from data.db import Transact, transaction
from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, Draft, DraftEvent, Event, EventResource, EventSession
from data.tables.events import EVENT_TYPES
from data.versions import FACTS, bump
from services import drafts
from services.access import Viewer, audit, visible
from services.attendance.events.viewing import fingerprint
from services.attendance.follow_up import create_now
from services.attendance.follow_up.drafting import CHANGED
from services.attendance.follow_up.loading import occasion
from services.attendance.follow_up.records import KIND, SOURCE, Occasion, Part, Resource
from services.drafts.wholes import standing
from services.planners import require_change
from services.web_addresses import may_be_entered

MOST_PARTS, MOST_RESOURCES, MOST_WORDS = 200, 200, 30
LONGEST_TITLE, LONGEST_LINE = 300, 500
BATCH = 100
MOST_TOLD = 1_000
"""Characters of a line of the audit log."""

Key = TypeVar("Key", int, str)
One = TypeVar("One", Part, Resource)


@dataclass(frozen=True)
class Details:
    """What a person enters. A Part keeps its `id`; 0 makes it a new one. `private`: for the customers that
    were there, registered or invited, and for no others; left as it is when empty. `seen`: of the EventView
    that it was entered over; not asked for when empty."""

    type: str
    topic: str | None
    cost: Decimal | None
    parts: tuple[Part, ...] = ()
    resources: tuple[Resource, ...] = ()
    private: bool | None = None
    seen: str | None = None


def save(
    session: Session, event_id: int, details: Details, *, by: Viewer, now: datetime
) -> list[str]:
    """Set an event's details; sessions that are missing from them go. What has changed, in words.

    Of an event that has been held they are everybody's to enter; NotAllowed when one to come is not theirs to
    change. BadInput names what cannot be kept; InvalidMove when somebody has changed them since they were `seen`.
    """
    event = session.get(Event, event_id, with_for_update=True)
    if event is None:
        raise NotFound("There is no such event. Look it up on the Events page.")
    if event.status != "held":
        require_change(session, by, event_id)
    _check(details)
    before = occasion(session, event)
    if details.seen is not None and details.seen != fingerprint(event, before):
        raise InvalidMove(
            "Somebody has changed these details since you opened them. Nothing was saved: look at "
            "theirs, then save yours again."
        )
    plain = _plain(event)
    event.type, event.cost = details.type, details.cost
    if details.private is not None:
        event.private = details.private
    event.topic = (details.topic or "").strip()[:200] or None
    kept = _save_parts(session, event_id, details.parts)
    session.execute(delete(EventResource).where(EventResource.event_id == event_id))
    session.add_all(
        EventResource(
            event_id=event_id,
            session_id=one.session_id if one.session_id in kept else None,
            title=one.title.strip(),
            url=one.url.strip(),
            topics=_clean(one.topics),
        )
        for one in details.resources
    )
    _drop_parts(session, event_id, kept)
    bump(session, FACTS)
    session.flush()
    changed = _changes(plain, _plain(event)) + _moved(before, occasion(session, event))
    audit(session, by, "event.edited", "event", event_id, _told(event.name, changed), now)
    return changed


def _plain(event: Event) -> dict[str, str]:
    cost = "none" if event.cost is None else f"{event.cost:.2f}"
    whom = "those asked or there" if event.private else "all"
    return {
        "type": event.type,
        "topic": event.topic or "none",
        "cost": cost,
        "open to": whom,  # who has said so is not overruled: services.uploads.audience
    }


def _changes(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [f"{name} {old[name]} → {new[name]}" for name in old if old[name] != new[name]]


def _moved(old: Occasion, new: Occasion) -> list[str]:
    """Sessions and resources that came, went or say something else, by their titles."""
    return [
        *_of_one_kind(
            "session", {one.id: one for one in old.parts}, {one.id: one for one in new.parts}
        ),
        *_of_one_kind(
            "resource",
            {one.url: one for one in old.resources},
            {one.url: one for one in new.resources},
        ),
    ]


def _of_one_kind(what: str, old: Mapping[Key, One], new: Mapping[Key, One]) -> list[str]:
    return [
        *(f"{what} removed: {old[key].title}" for key in old if key not in new),
        *(f"{what} added: {new[key].title}" for key in new if key not in old),
        *(f"{what} changed: {new[key].title}" for key in new if old.get(key, new[key]) != new[key]),
    ]


def _told(name: str, changed: Sequence[str]) -> str:
    return f"{name}: {'; '.join(changed) or 'nothing changed'}"[:MOST_TOLD]


def _check(details: Details) -> None:
    if details.type not in EVENT_TYPES:
        raise BadInput("Choose one of the types in the list.")
    if details.cost is not None and not 0 <= details.cost < Decimal(10) ** 12:
        raise BadInput("The cost is a number from 0.")
    if len(details.parts) > MOST_PARTS or len(details.resources) > MOST_RESOURCES:
        raise BadInput(f"An event can have {MOST_PARTS} sessions and {MOST_RESOURCES} resources.")
    _check_parts(details.parts)
    _check_resources(details.resources)


def _check_parts(parts: Sequence[Part]) -> None:
    for part in parts:
        if not 0 < len(part.title.strip()) <= LONGEST_TITLE:
            raise BadInput(f"Each session needs a title of up to {LONGEST_TITLE} characters.")
        if any(len(line) > LONGEST_LINE for line in part.takeaways):
            raise BadInput(f"A takeaway can have {LONGEST_LINE} characters. Make it shorter.")


def _check_resources(resources: Sequence[Resource]) -> None:
    for one in resources:
        if not 0 < len(one.title.strip()) <= LONGEST_TITLE:
            raise BadInput(f"Each resource needs a title of up to {LONGEST_TITLE} characters.")
        if not may_be_entered(one.url):
            raise BadInput(f"“{one.url[:60]}” is no web address. It begins with https://.")


def _save_parts(session: Session, event_id: int, parts: Sequence[Part]) -> set[int]:
    known = {
        row.id: row
        for row in session.scalars(select(EventSession).where(EventSession.event_id == event_id))
    }
    kept: set[int] = set()
    for position, part in enumerate(parts, 1):
        row = known.get(part.id)
        if row is None or row.id in kept:
            row = EventSession(event_id=event_id, position=position, title=part.title)
            session.add(row)
        row.position, row.title = position, part.title.strip()
        row.speaker = (part.speaker or "").strip()[:200] or None
        row.topics, row.takeaways = _clean(part.topics), _clean(part.takeaways)
        session.flush()
        kept.add(row.id)
    return kept


def _drop_parts(session: Session, event_id: int, kept: set[int]) -> None:
    session.flush()
    session.execute(
        delete(EventSession).where(EventSession.event_id == event_id, EventSession.id.not_in(kept))
    )


def _clean(words: Sequence[str]) -> list[str]:
    found = (" ".join(word.split()) for word in words)
    return list(dict.fromkeys(word for word in found if word))[:MOST_WORDS]


def unread(session: Session, by: Viewer, event_id: int) -> int:
    """How many of the event's drafts to customers that `by` sees wait, and nobody has opened or edited."""
    return session.scalar(_unread(by, event_id, func.count())) or 0


def _unread(by: Viewer, event_id: int, what: Any) -> Select[Any]:
    touched = select(DraftEvent.id).where(
        DraftEvent.draft_id == Draft.id, DraftEvent.person_id.is_not(None)
    )
    return (
        select(what)
        .select_from(Draft)
        .join(Customer, Customer.id == Draft.customer_id)
        .where(
            visible(by),
            Draft.source == SOURCE,
            Draft.source_id == event_id,
            Draft.kind == KIND,
            standing().in_(("pending", "held")),
            Draft.revision == 1,
            ~touched.exists(),
        )
    )


def renew(event_id: int, *, by: Viewer, now: datetime, transact: Transact = transaction) -> int:
    """Make the drafts that nobody has opened anew, with the sessions and takeaways as they are now; how
    many were made."""
    with transact() as session:
        old = session.scalars(_unread(by, event_id, Draft.id).order_by(Draft.id)).all()
    for start in range(0, len(old), BATCH):
        with transact() as session:
            drafts.cancel_many(session, old[start : start + BATCH], CHANGED, now=now)
    return create_now(event_id, by=by, now=now, transact=transact)
