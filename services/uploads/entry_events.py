"""Which events records of programs and people mean, and what they say of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import Event
from integrations.attendance_records import AttendanceRecord, EventOf
from integrations.hooks.records import on_the_wall, zone_of
from services.ids import read_id
from services.uploads.event_types import LABELS
from services.uploads.told_events import PROGRAMS, STATED, Said, merged, name_key

NO_EVENT = "There is no such event: look up its id, or give its name and date"
UNDATED = "A new event needs a name and a date"
UNKNOWN = UNDATED + ": “{}” is not known yet"
NO_TYPE = "There is no such event type: use one of {}"
_MORE = {
    "event_id": pl.Int64,
    "private": pl.Boolean,
    "segments": pl.List(pl.String),
    STATED: pl.String,
}


@dataclass(frozen=True)
class Meant:
    """`events` as a file has them, and `more` of the same height: event_id Int64 of those on record, private
    Boolean, segments List(String) and STATED String of new ones. By record: `refs`, the number of its event,
    and `problems`, why that cannot be used."""

    events: list[dict[str, Any]]
    more: pl.DataFrame
    refs: list[int]
    problems: list[str | None]


@dataclass(frozen=True)
class _One:
    """An event as one record has it: on record, or new, or neither, and why."""

    row: dict[str, Any]
    event_id: int | None = None
    said: Said | None = None
    problem: str | None = None


def events_of(session: Session, records: Sequence[AttendanceRecord], form: str) -> Meant:
    """Each event once, however its records speak of it."""
    known: dict[str, _One] = {}
    names = [record.event.model_dump_json() for record in records]
    for name, record in zip(names, records, strict=True):
        if name not in known:
            known[name] = _one(session, record.event, form)
    told = [one.said for one in known.values() if one.said]
    for name, record in zip(names, records, strict=True):
        beside = _beside(told, record.event) if known[name].problem == UNDATED else None
        if beside:
            known[name] = _One(_as_said(beside), said=beside)
    numbers, kept = _numbers(list(known.values()))
    ref_of = dict(zip(known, numbers, strict=True))
    more = [
        (one.event_id, s and s.private, s and list(s.segments), s and s.as_text())
        for one in kept
        for s in [one.said]
    ]
    return Meant(
        [one.row | {"event_ref": number} for number, one in enumerate(kept)],
        pl.DataFrame(more, schema=_MORE, orient="row"),
        [ref_of[name] for name in names],
        [known[name].problem for name in names],
    )


def _beside(told: Sequence[Said], event: EventOf) -> Said | None:
    """The newest event of the same message that an id or a name alone means."""
    key = name_key(event.name or "")
    meant = [
        one for one in told if (one.number if event.id else name_key(one.name)) == (event.id or key)
    ]
    return max(meant, key=lambda one: one.starts_at, default=None)


def awaited(session: Session, records: Sequence[AttendanceRecord], form: str) -> str | None:
    """Why the records have to wait: one means an event by its id or name alone that nobody told of yet."""
    for record, problem in zip(records, events_of(session, records, form).problems, strict=True):
        if problem == UNDATED:
            return UNKNOWN.format(record.event.id or name_key(record.event.name or ""))
    return None


def named(session: Session, events: pl.DataFrame) -> set[str]:
    """The ids and names by which programs' events on record are meant, of those that `events` may be."""
    numbers = events["source_event_id"].drop_nulls().to_list()
    names = [name_key(name) for name in events["name"]]
    known = select(Event.source_event_id, Event.name_key).where(
        Event.source.in_(PROGRAMS),
        or_(Event.source_event_id.in_(numbers), Event.name_key.in_(names)),
    )
    return {key for row in session.execute(known) for key in row if key}


def _numbers(every: Sequence[_One]) -> tuple[list[int], list[_One]]:
    """The number of each one's event, and the events by number."""
    numbers = [-1] * len(every)
    kept: list[_One] = []
    new = [place for place, one in enumerate(every) if one.said]
    for said, places in merged([one.said for one in every if one.said]):
        for place in places:
            numbers[new[place]] = len(kept)
        kept.append(_One(_as_said(said), said=said))
    for place, one in enumerate(every):
        if one.said is None:
            numbers[place] = len(kept)
            kept.append(one)
    return numbers, kept


def _one(session: Session, told: EventOf, form: str) -> _One:
    event, problem = _event_of(session, told, form)
    if event:
        return _One(_of_record(event), event_id=event.id)
    if problem or told.starts_at is None:
        return _One({"name": told.name or "Event without a name", "zone": "UTC"}, problem=problem)
    closed = told.is_private is True
    segments = () if closed else tuple(sorted({one for one in told.segments if one}))
    opened = told.open_to == "all"
    said = Said(
        told.name or "", told.starts_at.replace(tzinfo=None), form, told.id or None, told.type or None,
        told.topic or None, told.duration, closed, opened, segments,
    )  # fmt: skip
    return _One(_as_said(said), said=said)


def _event_of(session: Session, said: EventOf, form: str) -> tuple[Event | None, str | None]:
    """The event on record that is meant by its id alone; or None, and why it cannot be a new one."""
    if said.id and said.id.startswith("evt_"):
        try:
            event = session.get(Event, read_id("event", said.id))
        except NotFound:
            event = None
        return event, None if event else NO_EVENT
    if said.type and said.type not in LABELS:
        return None, NO_TYPE.format(", ".join(LABELS))
    if said.name and said.starts_at:
        return None, None
    key = name_key(said.name or "")
    named = Event.source_event_id == said.id if said.id else Event.name_key == key
    sources = PROGRAMS if form in PROGRAMS else (form,)
    newest = select(Event).where(named, Event.source.in_(sources))
    found = session.scalar(newest.order_by(Event.held_on.desc(), Event.id).limit(1))
    return found, None if found else UNDATED


def _of_record(event: Event) -> dict[str, Any]:
    zone = zone_of(event.time_zone)
    at = event.starts_at.astimezone(UTC).replace(tzinfo=None)
    return {
        "name": event.name,
        "type": event.type,
        "starts_at": on_the_wall(at, zone),
        "zone": zone,
    }


def _as_said(said: Said) -> dict[str, Any]:
    return {
        "name": said.name,
        "type": said.type,
        "topic": said.topic,
        "starts_at": said.starts_at,
        "zone": "UTC",
        "duration_minutes": said.minutes,
        "source_event_id": said.number,
    }
