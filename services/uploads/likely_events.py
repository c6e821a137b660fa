"""Polls, questions and registrations whose event is not on record: which one may be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.tables import Event
from services.access.viewer import Viewer
from services.uploads import store
from services.uploads.access import require_upload
from services.uploads.event_match import find_events

ADDITIONS = ("poll", "qa", "registration")
"""Kinds of files that add to an event; attendance makes one."""
DAYS_APART = 1
MOST = 3


@dataclass(frozen=True)
class LikelyEvent:
    """`choices`: what an event of the file has to be called and dated to join this one."""

    name: str
    held_on: date
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Homeless:
    """An event of a file that joins none on record, and the ones it may be, the likeliest first."""

    event_ref: str
    name: str
    likely: tuple[LikelyEvent, ...]


def homeless(session: Session, by: Viewer, upload_id: int) -> list[Homeless]:
    """Empty for attendance files, and where every event is on record by now: other files may have been imported
    since the preview was made."""
    found = require_upload(session, by, upload_id).summary
    if found.get("kind") not in ADDITIONS:
        return []
    lost = [event for event in found.get("event_list", ()) if event["event_id"] is None]
    staged = store.load_frame(session, upload_id, "events") if lost else None
    known = find_events(session, staged) if staged is not None else {}
    lost = [event for event in lost if event["event_ref"] not in known]
    return [
        Homeless(str(event["event_ref"]), event["name"], _likely(session, event))
        for event in lost[:MOST]
    ]


def _likely(session: Session, told: Mapping[str, Any]) -> tuple[LikelyEvent, ...]:
    """Of about the same day, or of the same name."""
    wanted = [Event.name == told["name"]]
    day = date.fromisoformat(told["held_on"]) if told["held_on"] else None
    if day:
        apart = timedelta(days=DAYS_APART)
        wanted.append(Event.held_on.between(day - apart, day + apart))
    events = session.scalars(
        select(Event).where(or_(*wanted)).order_by(Event.held_on.desc(), Event.id).limit(200)
    ).all()
    ranked = sorted(events, key=lambda event: -fuzz.token_set_ratio(event.name, told["name"]))
    return tuple(LikelyEvent(e.name, e.held_on, _as_choices(e, day)) for e in ranked[:MOST])


def _as_choices(event: Event, day: date | None) -> tuple[tuple[str, str], ...]:
    dated = () if event.held_on == day else (("date", event.held_on.isoformat()),)
    return (("name", event.name), *dated)
