"""What a file changes in an event on record: it fills in what is missing and corrects what a person has set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from data.tables import Event
from data.tables.events import SELF_PACED
from services.uploads.event_times import PERSON, better_times
from services.uploads.records import Choices
from services.uploads.told_events import told_by_program

ENRICHED = ("duration_minutes", "polls_asked", "source_event_id", "topic")
"""Filled in by a later file where the event on record says nothing."""
PLANNED_AS = ("name", "name_key", "type", "starts_at", "held_on", "time_zone")
"""What an event that was planned keeps, whatever is set in a preview: people were told so."""


def edit_of(choices: Choices, ref: int) -> Mapping[str, str]:
    """What the person set for this event of the file."""
    return {**choices.only_event, **choices.events.get(str(ref), {})}


def correct(
    event: Event,
    row: dict[str, Any],
    edit: Mapping[str, str],
    now: datetime,
    *,
    planned: bool,
    surer: bool = False,
) -> list[dict[str, Any]]:
    """Fill what is missing, and set what the person changed in the preview, but for PLANNED_AS of one that
    was `planned` here; gives the row before. One to come has been held once it has begun and somebody
    tells of it. `surer`: the file knows the type, which was guessed."""
    filled = () if told_by_program(event, row) else ENRICHED
    changes = {k: row[k] for k in filled if row[k] is not None and getattr(event, k) is None}
    changes |= _no_longer_planned(event, row, now) if event.status == "planned" else {}
    changes |= _began_earlier(event, row)
    changes |= better_times(event, row, planned=planned) | _more_polls(event, row)
    changes |= {"type": row["type"]} if surer and not planned else {}
    wanted = set_by_person(event, row, edit)
    changes |= {k: v for k, v in wanted.items() if not (planned and k in PLANNED_AS)}
    changes = {k: v for k, v in changes.items() if getattr(event, k) != v}
    if not changes:
        return []
    old = {k: getattr(event, k) for k in changes}
    for name, value in changes.items():
        setattr(event, name, value)
    return [{"id": event.id, "old": plain(old), "new": plain(changes)}]


def set_by_person(event: Event, row: dict[str, Any], edit: Mapping[str, str]) -> dict[str, Any]:
    changes = {name: row[name] for name in ("name", "type", "topic") if edit.get(name)}
    if edit.get("name"):
        changes["name_key"] = row["name_key"]
    # A day that is the one on record anyway says nothing of the hour.
    if edit.get("zone") or (edit.get("date") and row["held_on"] != event.held_on):
        changes |= {
            "starts_at": row["starts_at"].replace(tzinfo=UTC),
            "held_on": row["held_on"],
            "time_zone": row["zone"],
            "start_rank": PERSON,
        }
    return changes


def _no_longer_planned(event: Event, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if event.source == "generic" and row["source"] != "generic":
        changes["source"] = row["source"]
    if event.starts_at <= now:
        changes["status"] = "held"
    return changes


def _began_earlier(event: Event, row: dict[str, Any]) -> dict[str, Any]:
    """A course begins with whoever finished it first, whichever file came first."""
    at = row["starts_at"].replace(tzinfo=UTC)
    if row["source"] not in SELF_PACED or event.source not in SELF_PACED or at >= event.starts_at:
        return {}
    return {"starts_at": at, "held_on": at.astimezone(ZoneInfo(event.time_zone)).date()}


def _more_polls(event: Event, row: dict[str, Any]) -> dict[str, Any]:
    """Each report may know of some of the polls."""
    asked = row["polls_asked"]
    if asked is None or told_by_program(event, row) or asked <= (event.polls_asked or 0):
        return {}
    return {"polls_asked": asked}


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date | datetime) else v for k, v in values.items()}
