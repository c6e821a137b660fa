"""What programs say of an event, message by message: the same whatever comes first and however often."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import reduce
from typing import Any, Self, TypeVar

import polars as pl
from sqlalchemy.orm import Session

from data.tables import Event, Upload
from data.tables.events import EVENT_TYPES
from services.uploads import store
from services.uploads.event_types import guess_type

PROGRAMS = ("api", "signed")
"""Sources that tell of an event in each message anew, in any order."""
OPEN_TYPES = ("webinar", "conference", "user_group", "meetup")
"""Held for whoever wants to come, also where a program tells of one person at them."""
STATED = "said"
"""The column of an upload's events, and the part of its summary, that keep what was said."""
T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """What one message says of an event, or all that came so far; None and empty are not said.

    `starts_at` is UTC without a zone, its midnight a mere day. `closed`, `opened`: some message said that it
    was for those it is sent for alone, or for everybody.
    """

    name: str
    starts_at: datetime
    source: str
    number: str | None = None
    type: str | None = None
    topic: str | None = None
    minutes: float | None = None
    closed: bool = False
    opened: bool = False
    segments: tuple[str, ...] = ()

    def with_also(self, other: Said) -> Said:
        """Both together: the same in either order, and nothing new when it was said before.

        An hour counts more than a mere day, and the earliest of either; the type that comes first in
        EVENT_TYPES; the longest schedule; the name, topic and id that sort first; all segments.
        """
        return Said(
            name=min(self.name, other.name),
            starts_at=min(self.starts_at, other.starts_at, key=_begins),
            source=min(self.source, other.source),
            number=_either(self.number, other.number),
            type=min(_both(self.type, other.type), key=EVENT_TYPES.index, default=None),
            topic=_either(self.topic, other.topic),
            minutes=max(_both(self.minutes, other.minutes), default=None),
            closed=self.closed or other.closed,
            opened=self.opened or other.opened,
            segments=tuple(sorted({*self.segments, *other.segments})),
        )

    @property
    def private(self) -> bool | None:
        """None where nobody says. Who says that it was for a few is believed: others cannot have missed it."""
        if self.closed:
            return True
        return False if self.opened or self.segments else None

    def of_event(self) -> dict[str, Any]:
        """The fields of the event that follow, in groups that change together."""
        kind = self.type or str(pl.select(guess_type(pl.lit(self.name), self.source)).item())
        private = self.private if self.private is not None else kind not in OPEN_TYPES
        return {
            "name": (self.name, name_key(self.name)),
            "type": kind,
            "starts_at": self.starts_at.replace(tzinfo=UTC),
            "source": self.source,
            "source_event_id": self.number,
            "topic": self.topic,
            "duration_minutes": self.minutes,
            "private": (private, None if private else list(self.segments) or None),
        }

    def as_text(self) -> str:
        told = vars(self) | {"starts_at": self.starts_at.isoformat()}
        return json.dumps(told, sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Self:
        told = json.loads(text)
        at = datetime.fromisoformat(told["starts_at"])
        return cls(**told | {"starts_at": at, "segments": tuple(told["segments"])})


def _begins(at: datetime) -> tuple[bool, datetime]:
    return at.time() == time.min, at


def _both(*values: T | None) -> list[T]:
    return [one for one in values if one is not None]


def _either(one: str | None, other: str | None) -> str | None:
    return min(_both(one, other), default=None)


def name_key(name: str) -> str:
    """As `services.uploads.staging.event_key` has it, of one name."""
    return " ".join(name.lower().split())[:300]


def told_by_program(event: Event, row: dict[str, Any]) -> bool:
    """Whether the event follows what programs say of it, and this row of an upload's events is such."""
    return follows_programs(event) and row["source"] in PROGRAMS


def follows_programs(event: Event) -> bool:
    return event.source in PROGRAMS and event.created_by_upload_id is not None


def begun_by(event: Event, now: datetime) -> None:
    """Whether it is held goes by its start as told so far, which a message may move either way."""
    if event.status != "cancelled":
        event.status = "held" if event.starts_at <= now else "planned"


def keep(session: Session, upload_id: int, said: dict[int, str | None]) -> None:
    """Remember what was said of new events (by id) with the upload that brought them."""
    told = {str(number): text for number, text in said.items() if text}
    if told:
        upload = session.get_one(Upload, upload_id)
        upload.summary = upload.summary | {STATED: upload.summary.get(STATED, {}) | told}


def retell(session: Session, event: Event, text: str | None, *, planned: bool) -> None:
    """Let the event follow what is said of it now, too, but for what a person has changed since, and for all
    that people were told of one that was `planned`."""
    if text is None:
        return
    before = _known(session, event)
    after = before.with_also(Said.from_text(text))
    if after != before:
        _follow(session, event, before, after, planned=planned)


def retell_without(
    session: Session, event: Event, others: Iterable[Upload], *, planned: bool
) -> None:
    """The event as the `others` alone tell of it; as it is when none of them does."""
    left = [Said.from_text(text) for other in others for text in _texts(session, other, event.id)]
    if left:
        after = reduce(Said.with_also, left)
        _follow(session, event, _known(session, event), after, planned=planned)


def _known(session: Session, event: Event) -> Said:
    """What was said so far; of an event that former versions took in, what is on record."""
    upload = session.get_one(Upload, event.created_by_upload_id)
    text = upload.summary.get(STATED, {}).get(str(event.id))
    if text:
        return Said.from_text(text)
    segments = tuple(sorted(event.segments or ()))
    at = event.starts_at.astimezone(UTC).replace(tzinfo=None)
    return Said(
        event.name, at, event.source, event.source_event_id, event.type, event.topic,
        event.duration_minutes, bool(event.private), not event.private, segments,
    )  # fmt: skip


def _texts(session: Session, upload: Upload, event_id: int) -> list[str]:
    if upload.format not in PROGRAMS:
        return []
    events = store.load_frame(session, upload.id, "events")
    if events is None or STATED not in events.columns:
        return []
    refs = [int(ref) for ref, number in upload.summary["event_ids"].items() if number == event_id]
    return events.filter(pl.col("event_ref").is_in(refs))[STATED].drop_nulls().to_list()


def _follow(session: Session, event: Event, before: Said, after: Said, *, planned: bool) -> None:
    was, will = before.of_event(), after.of_event()
    now = was | {
        "name": (event.name, event.name_key),
        "private": (bool(event.private), event.segments),
    }
    now |= {name: getattr(event, name) for name in was if name not in ("name", "private")}
    fixed = ("name", "type", "starts_at", "private") if planned else ()
    for name, value in will.items():
        if name not in fixed and now[name] == was[name]:
            _set(event, name, value)
    assert event.created_by_upload_id is not None, "a program's upload has made it"
    keep(session, event.created_by_upload_id, {event.id: after.as_text()})


def _set(event: Event, name: str, value: Any) -> None:
    if name == "name":
        event.name, event.name_key = value
    elif name == "private":
        event.private, event.segments = value
    else:
        setattr(event, name, value)  # the day stays: what is another day's is another event


def merged(told: Iterable[Said]) -> list[tuple[Said, list[int]]]:
    """The events of one message, each with the places in `told` that speak of it: the same day and id, else the
    same day and name."""
    every = list(told)
    numbers: dict[tuple[Any, ...], str] = {}
    for one in every:
        if one.number:
            key = (one.starts_at.date(), name_key(one.name))
            numbers[key] = min(numbers.get(key, one.number), one.number)
    found: dict[tuple[Any, ...], tuple[Said, list[int]]] = {}
    for place, one in enumerate(every):
        named = (one.starts_at.date(), name_key(one.name))
        number = one.number or numbers.get(named)
        key = (named[0], "id", number) if number else (*named, "name")
        said, places = found.get(key, (one, []))
        found[key] = (said.with_also(one), [*places, place])
    return list(found.values())
