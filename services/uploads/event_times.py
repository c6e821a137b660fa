"""When an event was, and for how long, of several reports that say so: the same whichever comes first."""

from __future__ import annotations

from datetime import UTC, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.tables import Event
from data.tables.events import SELF_PACED
from services.uploads.told_events import follows_programs

RANKS = {"attendance": 6, "qa": 4, "poll": 4, "registration": 2}
"""What a kind of report is worth: who came knows when people met, a list of registrations when they meant to."""
OTHERS_LESS = 1
"""A table that no platform wrote may repeat the plan."""
FIRST_SEEN, MERE_DAY, PERSON = 1, 0, 20
"""Nothing but somebody's joining; no hour; and what a person has set in the preview, which `set_by_person` lays
over what is on record."""
ZONE_STATED = 10
NO_PLATFORM = ("generic", "manual", "api", "signed")
COLUMNS = {"start_rank": pl.Int16, "length_rank": pl.Int16}


def ranked(events: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Staged events with COLUMNS. They have `starts_local`, `zone_told`, `set` and `first_seen`.

    An hour counts more than a mere day, one whose zone is known more than one that is read in a supposed zone.
    """
    worth = pl.lit(RANKS.get(kind, RANKS["attendance"]))
    worth -= pl.col("source").is_in(NO_PLATFORM).cast(pl.Int32) * OTHERS_LESS
    hour = pl.col("starts_local").dt.time() != time.min
    start = pl.when(pl.col("set")).then(PERSON)
    start = start.when(pl.col("starts_local").is_null()).then(FIRST_SEEN)
    start = start.when(hour).then(worth + pl.col("zone_told").cast(pl.Int32) * ZONE_STATED)
    ranks = {"start_rank": start.otherwise(MERE_DAY), "length_rank": worth}
    return events.with_columns(ranks[name].cast(to).alias(name) for name, to in COLUMNS.items())


def better_times(event: Event, row: dict[str, Any], *, planned: bool) -> dict[str, Any]:
    """What of an event's times gives way to a staged row: to one of a higher rank, and among equals to the
    earlier start and the greater length. Nothing of what was `planned`, of courses, of events that programs tell
    of, and of what former versions took in."""
    if planned or follows_programs(event) or row.get("event_id") is not None:
        return {}
    if event.source in SELF_PACED or row["source"] in SELF_PACED:
        return {}
    return _start(event, row) | _length(event, row)


def _start(event: Event, row: dict[str, Any]) -> dict[str, Any]:
    rank, known = row.get("start_rank"), event.start_rank
    if rank is None or rank == PERSON or known is None or row["starts_at"] is None:
        return {}
    at = row["starts_at"].replace(tzinfo=UTC)
    if (-rank, at) >= (-known, event.starts_at):
        return {}
    day = at.astimezone(ZoneInfo(row["zone"])).date()
    return {"starts_at": at, "held_on": day, "time_zone": row["zone"], "start_rank": rank}


def _length(event: Event, row: dict[str, Any]) -> dict[str, Any]:
    rank, minutes, known = row.get("length_rank"), row["duration_minutes"], event.length_rank
    if rank is None or minutes is None:
        return {}
    if event.duration_minutes is None:
        return {"duration_minutes": minutes, "length_rank": rank}
    if known is None or (rank, minutes) <= (known, event.duration_minutes):
        return {}
    return {"duration_minutes": minutes, "length_rank": rank}
