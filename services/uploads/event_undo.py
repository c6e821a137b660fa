"""Events as they are without an upload: what it changed goes back, what it brought goes or finds another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from data.tables import (
    Attendance,
    Event,
    EventOffer,
    EventResource,
    EventSession,
    Invitation,
    Recommendation,
    Registration,
    Upload,
)
from services.planners import planned_here
from services.uploads import store
from services.uploads.audience import with_audience
from services.uploads.event_changes import PLANNED_AS, correct, edit_of
from services.uploads.event_match import TAKEN_OVER
from services.uploads.event_types import surer_of
from services.uploads.preview import load_staged
from services.uploads.records import Choices
from services.uploads.told_events import PROGRAMS, begun_by, follows_programs, retell_without

Images = list[dict[str, Any]]
"""Of changed events: id, and by field what was there (`old`) and what came (`new`); the newest first."""
PIECE = 10_000


def restore_events(
    session: Session, upload: Upload, others: Iterable[Upload], now: datetime
) -> None:
    """Set back what the upload changed in events, where no person has changed it since.

    What programs tell of their own events is what the `others` tell. `others` in force that speak of the same
    events, as they were imported: what they set after this upload is set anew, so that their own undo leads
    back to what was there before both.
    """
    others = list(others)
    _retell(session, upload, others)
    _take_images_back(session, upload, others, now)
    _begin_anew(session, upload, others)


def _begin_anew(session: Session, upload: Upload, others: Iterable[Upload]) -> None:
    """Programs' events are held or to come as of the last time that the `others` spoke of them."""
    told: dict[int, datetime] = {}
    for other in others:
        for number in set(other.summary["event_ids"].values()):
            at = other.committed_at
            if at:
                told[number] = max(at, told.get(number, at))
    for number in sorted(told.keys() & set(upload.summary["event_ids"].values())):
        event = session.get(Event, number)
        if event and follows_programs(event):
            begun_by(event, told[number])


def _take_images_back(
    session: Session, upload: Upload, others: Iterable[Upload], now: datetime
) -> None:
    mine: Images = upload.summary["events_before"]
    brought = _brought(session, upload, others)
    touched = {image["id"] for image in mine} | brought.keys()
    if not touched:
        return
    later = [other for other in others if touched & set(other.summary["event_ids"].values())]
    kept: set[tuple[int, str]] = set()
    for other in reversed(later):
        theirs: Images = other.summary["events_before"]
        kept |= _set_back(session, [image for image in theirs if image["id"] in touched])
    kept |= _set_back(session, mine)
    _bring_anew(session, upload, brought, kept)
    for other in later:
        _set_anew(session, other, touched, kept, now)


def _brought(session: Session, upload: Upload, others: Iterable[Upload]) -> dict[int, Upload]:
    """Events that this upload has brought and others speak of, each with the first of those; not where programs
    tell of them, which is `_retell`'s."""
    e = Event
    made = set(session.scalars(select(e.id).where(e.created_by_upload_id == upload.id)))
    found: dict[int, Upload] = {}
    for other in others if upload.format not in PROGRAMS else ():
        if other.format not in PROGRAMS:
            spoken = made & set(other.summary["event_ids"].values())
            found |= dict.fromkeys(sorted(spoken - found.keys()), other)
    return found


def _bring_anew(
    session: Session, upload: Upload, brought: Mapping[int, Upload], kept: set[tuple[int, str]]
) -> None:
    """As if the first of the others had brought them, but for what has changed since and what was planned."""
    if not brought:
        return
    rows = {one.id: _rows(session, one) for one in (upload, *brought.values())}
    planned = planned_here(session, brought)
    for number, other in sorted(brought.items(), key=lambda pair: pair[0]):
        event = session.get_one(Event, number)
        was, will = rows[upload.id].get(number), rows[other.id].get(number)
        event.created_by_upload_id = other.id
        if was is None or will is None or will["starts_at"] is None:
            continue
        fixed = PLANNED_AS if number in planned else ()
        for name, value in _as_new(will).items():
            same = getattr(event, name) == _as_new(was)[name]
            if same and name not in fixed and (number, name) not in kept:
                setattr(event, name, value)
    session.flush()


def _rows(session: Session, upload: Upload) -> dict[int, dict[str, Any]]:
    """What an upload says of events, by their ids."""
    told = with_audience(load_staged(session, upload.id)).to_dicts()
    ids = {int(ref): number for ref, number in upload.summary["event_ids"].items()}
    return {ids[row["event_ref"]]: row for row in told if row["event_ref"] in ids}


def _as_new(row: dict[str, Any]) -> dict[str, Any]:
    fields = {name: row.get(name) for name in TAKEN_OVER} | {"time_zone": row["zone"]}
    at = row["starts_at"]
    return fields | {"private": row["private"], "starts_at": at and at.replace(tzinfo=UTC)}


def _retell(session: Session, upload: Upload, others: Iterable[Upload]) -> None:
    if upload.format not in PROGRAMS:
        return
    ids = set(upload.summary["event_ids"].values())
    planned = planned_here(session, ids)
    for number in sorted(ids):
        event = session.get(Event, number)
        if event and follows_programs(event):
            retell_without(session, event, others, planned=number in planned)


def _set_back(session: Session, images: Images) -> set[tuple[int, str]]:
    """The events' fields that say something else by now, and so stay."""
    stay = set()
    for image in images:
        event = session.get(Event, image["id"])
        if event is None:
            continue
        for name, value in image["old"].items():
            now_is = getattr(event, name)
            same = now_is.isoformat() if isinstance(now_is, date | datetime) else now_is
            if same == image["new"][name]:
                setattr(event, name, _typed(name, value))
            else:
                stay.add((event.id, name))
    return stay


def _set_anew(
    session: Session, upload: Upload, touched: set[int], kept: set[tuple[int, str]], now: datetime
) -> None:
    staged = store.load_frame(session, upload.id, "events")
    assert staged is not None, "a committed upload keeps its events"
    ids = {int(ref): number for ref, number in upload.summary["event_ids"].items()}
    choices = Choices.from_json(upload.choices)
    told_at = upload.committed_at or now
    # What it set before anybody was invited stands as it stood.
    changed_by_it = {
        image["id"]
        for image in upload.summary["events_before"]
        if not image["new"].keys().isdisjoint(PLANNED_AS)
    }
    planned = planned_here(session, touched) - changed_by_it
    guessed = surer_of(session, upload, touched)
    images: Images = []
    for image in upload.summary["events_before"]:
        stay = {name for number, name in kept if number == image["id"]}
        images.append(image if image["id"] not in touched else _only(image, stay))
    for row in staged.to_dicts():
        event = session.get(Event, ids.get(row["event_ref"], 0))
        if event is None or event.id not in touched:
            continue
        stays = {name: getattr(event, name) for number, name in kept if number == event.id}
        # As of its own import: an event that lay ahead then is not held for that.
        edit = edit_of(choices, row["event_ref"])
        changed = correct(
            event, row, edit, told_at, planned=event.id in planned, surer=event.id in guessed
        )
        for name, value in stays.items():
            setattr(event, name, value)
        images = [_only(image, set(image["old"]) - set(stays)) for image in changed] + images
    upload.summary = upload.summary | {"events_before": [image for image in images if image["old"]]}


def _only(image: dict[str, Any], names: set[str]) -> dict[str, Any]:
    sides = {
        side: {name: value for name, value in image[side].items() if name in names}
        for side in ("old", "new")
    }
    return image | sides


def _typed(name: str, value: Any) -> Any:
    if value is None or name not in ("starts_at", "held_on"):
        return value
    return datetime.fromisoformat(value) if name == "starts_at" else date.fromisoformat(value)


def drop_empty_events(session: Session, upload: Upload) -> None:
    """Events that nobody speaks of any more go: those this upload has brought, and among those it spoke
    of the ones that uploads brought which were taken back before it."""
    undone = select(Upload.id).where(Upload.state == "undone")
    ids = sorted(set(upload.summary["event_ids"].values()))
    _drop(session, Event.created_by_upload_id == upload.id)
    for start in range(0, len(ids), PIECE):
        some = Event.id.in_(ids[start : start + PIECE])
        _drop(session, some & Event.created_by_upload_id.in_(undone))


def _drop(session: Session, which: ColumnElement[bool]) -> None:
    empty = select(Event.id).where(
        which,
        ~select(Attendance.event_id).where(Attendance.event_id == Event.id).exists(),
        # Whoever was invited, or registered on our own page, keeps it.
        *(~select(t.id).where(t.event_id == Event.id).exists() for t in (Invitation, Registration)),
    )
    for table in (EventResource, EventSession, EventOffer, Recommendation):
        session.execute(delete(table).where(table.event_id.in_(empty)))
    session.execute(delete(Event).where(Event.id.in_(empty)))
