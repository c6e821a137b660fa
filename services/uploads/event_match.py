"""Which event on record an event of a file is, and writing the ones that are new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from data.bulk import insert_frame
from data.errors import BadInput
from data.keys import reserve_keys
from data.tables import Event, Upload
from data.tables.events import SELF_PACED
from services.planners import planned_here
from services.uploads.event_changes import ENRICHED, PLANNED_AS, correct, edit_of, set_by_person
from services.uploads.event_times import COLUMNS as RANKED
from services.uploads.event_types import surer_of
from services.uploads.records import Choices
from services.uploads.told_events import PROGRAMS, STATED, begun_by, keep, retell, told_by_program

HOURS_APART = timedelta(hours=14)
"""The same event may begin at another hour in another file, as zones are taken for one another; a day later is
the next of a series."""
WHOLE_DAY = timedelta(days=1)
TAKEN_OVER = ("name", "name_key", "type", "held_on", "starts_at", "source", *ENRICHED, *RANKED)
"""What a new event has from the file as it stands there."""


@dataclass(frozen=True)
class SavedEvents:
    """`ids`: event_ref -> event id. `before`: what events looked like that were changed, for undo."""

    ids: dict[int, int]
    before: list[dict[str, Any]]


def find_events(session: Session, staged: pl.DataFrame) -> dict[int, int]:
    """event_ref -> id of the event on record it is taken for; new events are missing."""
    e = Event
    rows = session.execute(
        select(
            e.id,
            e.name_key,
            e.source,
            e.source_event_id,
            e.held_on,
            e.starts_at,
            e.ends_at,
            e.time_zone,
        )
    ).all()
    known = KnownEvents(OnRecord(*row) for row in rows)
    found = {row["event_ref"]: known.find(row) for row in staged.to_dicts()}
    return {ref: event_id for ref, event_id in found.items() if event_id is not None}


@dataclass(frozen=True)
class OnRecord:
    """An event on record, as far as it tells which one a file speaks of."""

    id: int
    name_key: str
    source: str
    number: str | None
    held_on: date
    starts_at: datetime
    ends_at: datetime | None
    zone: str


class KnownEvents:
    """Events on record, by platform id and by name."""

    def __init__(self, events: Iterable[OnRecord]) -> None:
        self.by_number: dict[tuple[str, str], list[OnRecord]] = defaultdict(list)
        self.by_name: dict[str, list[OnRecord]] = defaultdict(list)
        for event in events:
            self.by_name[event.name_key].append(event)
            if event.number:
                self.by_number[event.source, event.number].append(event)

    def find(self, row: dict[str, Any]) -> int | None:
        """The id of the one a staged event is: by its platform's id, else by name where not both have an id of
        the same platform, unless a person gave it the name; and about the same time."""
        if row.get("event_id") is not None:  # somebody chose it
            return int(row["event_id"])
        named = self.by_name.get(row["name_key"], [])
        # People finish a course on their own day, so there the name decides alone.
        if row["source"] in SELF_PACED and named:
            return min(event.id for event in named)
        if row["held_on"] is None:
            return None
        if row["source"] in PROGRAMS:
            return self._told(row, named)
        source, number = row["source"], row["source_event_id"]
        numbered = self.by_number.get((source, number or ""), [])
        if number and not row.get("renamed"):
            named = [event for event in named if not (event.number and event.source == source)]
        return _nearest(numbered, row) or _nearest(named, row)

    def _told(self, row: dict[str, Any], named: Iterable[OnRecord]) -> int | None:
        """As a program tells of it: the event that others brought, else the programs' own of the same day. It
        rests on nothing that messages change, so that their order tells none apart."""
        number = row["source_event_id"]
        brought = [event for event in named if event.source not in PROGRAMS]
        own = [event for source in PROGRAMS for event in self.by_number[source, number or ""]]
        own += [
            event for event in named if event.source in PROGRAMS and not (number and event.number)
        ]
        same_day = [(e.number != number, e.id) for e in own if e.held_on == row["held_on"]]
        return _nearest(brought, row) or min(same_day, default=(False, None))[1]


def _nearest(candidates: Iterable[OnRecord], row: dict[str, Any]) -> int | None:
    near = [(*apart, event.id) for event in candidates if (apart := _apart(event, row)) is not None]
    return min(near)[-1] if near else None


def _apart(event: OnRecord, row: dict[str, Any]) -> tuple[bool, timedelta] | None:
    """Whether the days differ, and by how long the times do; None when it is another event."""
    begins, ends, hour_known = _span(event.starts_at, event.ends_at, event.zone)
    starts, over, hour_told = _span(row["starts_at"].replace(tzinfo=UTC), None, row["zone"])
    gap = max(starts - ends, begins - over, timedelta(0))
    other_day = event.held_on != row["held_on"]
    allowed = HOURS_APART if hour_known and hour_told else timedelta(0)
    return None if other_day and gap > allowed else (other_day, gap)


def _span(
    starts_at: datetime, ends_at: datetime | None, zone: str
) -> tuple[datetime, datetime, bool]:
    """When it may have begun, from and until, and whether the hour is known: midnight is what a mere day says."""
    if starts_at.astimezone(ZoneInfo(zone)).time() != time.min:
        return starts_at, max(ends_at or starts_at, starts_at), True
    whole = starts_at + WHOLE_DAY - timedelta.resolution
    return starts_at, max(ends_at or whole, whole), False


def save_events(
    session: Session, staged: pl.DataFrame, *, upload_id: int, choices: Choices, now: datetime
) -> SavedEvents:
    """Write the file's events: add the new ones, fill in or correct those on record.

    BadInput when an event has no date and nobody gave one in the preview.
    """
    undated = staged.filter(pl.col("starts_at").is_null())["name"].to_list()
    if undated:
        raise BadInput(f"“{undated[0]}” has no date in the file. Set its date in the preview.")
    existing = find_events(session, staged)
    there = pl.col("event_ref").is_in(list(existing))
    before = []
    events = _events(session, sorted(set(existing.values())))
    planned = planned_here(session, events)
    guessed = surer_of(session, session.get_one(Upload, upload_id), events)
    for row in staged.filter(there).to_dicts():
        ref = row["event_ref"]
        event, edit = events[existing[ref]], edit_of(choices, ref)
        surer = event.id in guessed
        changed = correct(event, row, edit, now, planned=event.id in planned, surer=surer)
        before = changed + before  # the newest first: so they are taken back
        if told_by_program(event, row):
            retell(session, event, row.get(STATED), planned=event.id in planned)
            begun_by(event, now)
    fresh = staged.filter(~there)
    ids = _add(session, fresh, upload_id=upload_id, now=now)
    return SavedEvents(existing | dict(zip(fresh["event_ref"], ids, strict=True)), before)


def _add(session: Session, fresh: pl.DataFrame, *, upload_id: int, now: datetime) -> pl.Series:
    """Write new events; gives their ids, row by row."""
    table = Event.__table__
    assert isinstance(table, Table)
    ids = reserve_keys(session, table, fresh.height)
    moment = pl.lit(now.astimezone(UTC).replace(tzinfo=None), pl.Datetime("us"))
    private = "private" if "private" in fresh.columns else pl.lit(None, pl.Boolean).alias("private")
    unranked = [pl.lit(None, kind).alias(c) for c, kind in RANKED.items() if c not in fresh.columns]
    fresh = fresh.with_columns(unranked)  # as former versions previewed it
    held = pl.col("starts_at") <= moment
    rows = fresh.select(
        ids.alias("id"),
        *TAKEN_OVER,
        private,
        time_zone="zone",
        status=pl.when(held).then(pl.lit("held")).otherwise(pl.lit("planned")),
        created_by_upload_id=pl.lit(upload_id, pl.Int64),
        created_at=moment,
    )
    insert_frame(session, table, rows)
    if STATED in fresh.columns:
        keep(session, upload_id, dict(zip(ids, fresh[STATED], strict=True)))
    if "segments" in fresh.columns:
        for number, named in zip(ids, fresh["segments"], strict=True):
            if named is not None and len(named):
                session.get_one(Event, number).segments = list(named)
    return ids


def _events(session: Session, ids: list[int]) -> dict[int, Event]:
    """These events by id, read many at a time."""
    found = {}
    for start in range(0, len(ids), 10_000):  # databases take so many parameters and no more
        some = select(Event).where(Event.id.in_(ids[start : start + 10_000]))
        found |= {event.id: event for event in session.scalars(some)}
    return found


def kept_as_planned(
    session: Session, staged: pl.DataFrame, existing: Mapping[int, int], choices: Choices
) -> list[str]:
    """What a preview says of events that were planned and were set otherwise in it."""
    edits = {ref: edit for ref in existing if (edit := edit_of(choices, ref))}
    events = _events(session, sorted({existing[ref] for ref in edits}))
    planned = planned_here(session, events)
    found = {}
    for row in staged.filter(pl.col("event_ref").is_in(list(edits))).to_dicts():
        event = events[existing[row["event_ref"]]]
        if event.id not in planned or row["starts_at"] is None:
            continue
        wanted = set_by_person(event, row, edits[row["event_ref"]])
        if any(k in PLANNED_AS and getattr(event, k) != v for k, v in wanted.items()):
            found[event.id] = (
                f"“{event.name}” is an event that was planned: its name, type and time stay as they are, "
                "whatever is set here. Change them on the event's own page."
            )
    return list(found.values())
