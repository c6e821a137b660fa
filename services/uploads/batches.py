"""Attendance that comes without a file (hooks, the API, typed in), through the same judgement, with the
same undo: one batch is one upload."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from data.settings import settings
from data.tables import AttendanceNote, Event, Upload
from data.versions import MATCHING, current
from integrations.formats.records import ParsedFile
from services.access import Viewer
from services.erased import masked
from services.uploads import store
from services.uploads.book import load_book
from services.uploads.commit import commit_staged, take_turn
from services.uploads.deciding import decide
from services.uploads.event_match import find_events
from services.uploads.preview import PARTS
from services.uploads.records import COUNTED, Choices, Staged, silent
from services.uploads.staging import stage
from services.uploads.summary import event_list, per_event, summarise
from services.uploads.undo import take_back

Look = Callable[[Staged], Staged]
"""Is shown what was judged, before it counts, and gives what of it does."""


@dataclass(frozen=True)
class Batch:
    """`key` names the batch: while one of this key is in force, another takes its place. `title` is what
    the list of uploads shows."""

    key: str
    title: str
    parsed: ParsedFile


def key_of(*parts: str) -> str:
    """A batch's key as the table keeps it: names of any length and kind, none taken for another."""
    spelled = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(spelled.encode("utf-8", "replace")).hexdigest()


def in_force(session: Session, key: str) -> Upload | None:
    """The committed upload of this key."""
    return session.scalar(
        select(Upload).where(
            Upload.sha256 == key, Upload.state == "committed", Upload.purpose == "attendance"
        )
    )


def take_in(
    session: Session,
    batch: Batch,
    *,
    by: Viewer,
    now: datetime,
    look: Look | None = None,
) -> Upload | None:
    """Match, judge, write and score the batch, in the caller's transaction. None when nothing of it
    counts: then nothing is written.

    Facts of the batch that had this key go where the new one no longer says them. The events and people
    on record keep their ids. BadInput when an event has no date.
    """
    take_turn(session)
    book, zone = load_book(session), settings().default_zone
    parsed = replace(batch.parsed, rows=masked(session, batch.parsed.rows))
    staged = stage(parsed, book, Choices(), file_name=batch.title, default_zone=zone)
    staged = decide(session, staged, book.customers)
    if look:
        staged = look(staged)
    if not staged.rows["verdict"].is_in(COUNTED).any():
        return None
    former = in_force(session, batch.key)
    if former is not None:
        if _says_the_same(session, former, staged):
            return former
        former.state, former.undone_at = "undone", now
        # The new one says again what still holds; those of other uploads come back with taking back.
        session.execute(delete(AttendanceNote).where(AttendanceNote.upload_id == former.id))
        session.flush()
    upload = _preview(session, batch, staged, by=by, now=now)
    commit_staged(session, upload.id, staged, by=by, now=now, progress=silent)
    if former is not None:
        _replace(session, former, upload, now)
    return upload


def _preview(
    session: Session, batch: Batch, staged: Staged, *, by: Viewer, now: datetime
) -> Upload:
    counts, parsed = per_event(staged), batch.parsed
    told = summarise(staged, counts, label=parsed.label, format_name=parsed.format, blank=0)
    known = find_events(session, staged.events)
    upload = Upload(
        file_name=batch.title[:300],
        sha256=batch.key,
        size=0,
        purpose="attendance",
        format=parsed.format,
        label=parsed.label,
        state="previewed",
        choices=Choices().as_json(),
        summary=told | {"warnings": [], "event_list": event_list(staged, counts, known)},
        match_version=current(session).get(MATCHING, 0),
        uploaded_by=by.person_id,
        uploaded_at=now,
    )
    session.add(upload)
    session.flush()  # the parts refer to its id
    for name in PARTS:
        store.save_frame(session, upload.id, name, getattr(staged, name))
    return upload


def _says_the_same(session: Session, former: Upload, staged: Staged) -> bool:
    frames = {name: store.load_frame(session, former.id, name) for name in PARTS}
    return all(
        (kept := frames[name]) is not None and _equal(kept, getattr(staged, name)) for name in PARTS
    )


def _equal(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return one.columns == other.columns and one.equals(other)


def _replace(session: Session, former: Upload, upload: Upload, now: datetime) -> None:
    """The new one stands for both: undone later, it leaves what was there before the first.

    The new is written before the old goes, so that events, people and what hangs on them keep their ids.
    """
    upload.summary = upload.summary | {
        "replaces": former.id,
        "events_before": upload.summary["events_before"] + former.summary["events_before"],
    }
    former.summary = former.summary | {"events_before": [], "replaced_by": upload.id}
    session.execute(
        update(Event)
        .where(Event.created_by_upload_id == former.id)
        .values(created_by_upload_id=upload.id)
    )
    session.flush()
    take_back(session, former, now=now)
