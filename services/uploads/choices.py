"""Whether what a person chose for a file can be done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter, ValidationError

from data.errors import BadInput
from integrations.formats import CANONICAL_FIELDS
from integrations.formats.statuses import ANSWERS, folded
from services.uploads.event_types import LABELS
from services.uploads.records import Choices

FIELDS = {name: field.label for name, field in CANONICAL_FIELDS["attendance"].items()}
"""What a column can be mapped to, in the words of the mapper."""
LONGEST = {"name": 300, "topic": 200}

_SAID = {
    "mapping": "the mapping",
    "statuses": "the meanings of words",
    "day_first": "the order of day and month",
    "zone": "the zone",
    "only_event": "what was said of the event",
}


def read_pairs(name: str, text: str | None, example: str) -> dict[str, str] | None:
    """A JSON object of texts, as a program or an operator sends it; BadInput with the example else."""
    if text is None:
        return None
    try:
        return TypeAdapter(dict[str, str]).validate_json(text)
    except ValidationError:
        raise BadInput(f"{name} must be a JSON object such as {example}.") from None


def unused(kept: Choices, sent: Choices | None) -> list[str]:
    """What is said when a file comes again with other choices than those it was imported with."""
    if sent is None:
        return []
    others = [words for name, words in _SAID.items() if _otherwise(kept, sent, name)]
    if not others:
        return []
    return [
        f"This file was imported before, and counts as it was read then: {' and '.join(others)} sent with it now "
        "changed nothing. Undo that import, then send the file with them again."
    ]


def _otherwise(kept: Choices, sent: Choices, name: str) -> bool:
    wanted, known = getattr(sent, name), getattr(kept, name)
    if name == "statuses":
        known = {folded(word): said for word, said in (known or {}).items()}
        return any(known.get(folded(word), "") != said for word, said in (wanted or {}).items())
    return wanted not in (None, {}) and wanted != known


def check_choices(choices: Choices | None) -> None:
    """BadInput for a zone, a type, a date, a status or a field of the mapping that there is not."""
    if choices is None:
        return
    _check_zone(choices.zone)
    unknown = sorted(set(choices.mapping or {}) - set(FIELDS))
    if unknown:
        known = ", ".join(FIELDS)
        raise BadInput(f"There is no field {', '.join(unknown)}. Map columns to any of: {known}.")
    odd = sorted(set((choices.statuses or {}).values()) - {*ANSWERS, ""})
    if odd:
        raise BadInput(
            f"No status is called {', '.join(odd)}. A word can mean: {', '.join(ANSWERS)}."
        )
    for wanted in (*choices.events.values(), choices.only_event):
        _check_event(wanted)


def _check_event(wanted: Mapping[str, str]) -> None:
    _check_zone(wanted.get("zone"))
    kind = wanted.get("type")
    if kind and kind not in LABELS:
        raise BadInput(f"There is no event type {kind!r}. Choose one of: {', '.join(LABELS)}.")
    for name, limit in LONGEST.items():
        if len(wanted.get(name) or "") > limit:
            raise BadInput(f"The {name} of an event has at most {limit} characters.")
    try:
        date.fromisoformat(wanted.get("date") or "2000-01-01")
    except ValueError:
        raise BadInput("Write an event's date as year-month-day, such as 2026-10-05.") from None


def _check_zone(zone: str | None) -> None:
    try:
        known = ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = None
    if known is None:
        raise BadInput("This time zone is not known. Name one such as Europe/Berlin or UTC.")
