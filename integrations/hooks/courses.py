"""Enrolments and completions of courses as an attendance file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.formats.records import TOLD, ParsedFile
from integrations.hooks.records import file_of

UNNAMED = "Course without a name"


@dataclass(frozen=True)
class Learner:
    """One person, one course, one moment (UTC without a zone)."""

    course_id: str | None
    course: str | None
    name: str | None
    email: str | None
    at: datetime | None
    completed: bool


def day_of(at: datetime | None) -> str:
    """What belongs together: what happened on one day."""
    return f"day:{at.date().isoformat()}" if at else "day:unknown"


def file_of_courses(source: str, label: str, learners: Sequence[Learner]) -> ParsedFile:
    """A completion is an attendance on its day, an enrolment a registration. A course begins with the first of
    either, whichever is told first."""
    ordered = sorted(set(learners), key=repr)
    numbers: dict[str, int] = {}
    for one in ordered:
        numbers.setdefault(_key(one), len(numbers))
    events = []
    for key, number in numbers.items():
        of_course = [one for one in ordered if _key(one) == key]
        events.append(
            {
                "event_ref": number,
                "source_event_id": (min(o.course_id or "" for o in of_course) or None),
                "name": min(one.course or UNNAMED for one in of_course)[:300],
                "type": "training",
                "starts_at": min((one.at for one in of_course if one.at), default=None),
                "zone": "UTC",
            }
        )
    rows = [
        {
            "event_ref": numbers[_key(one)],
            "name": one.name,
            "email": one.email,
            "status": "attended" if one.completed else "registered",
            "joined_at": one.at if one.completed else None,
            "registered_at": None if one.completed else one.at,
            "completed": one.completed,
        }
        for one in ordered
    ]
    return file_of(source, label, source, TOLD, events, rows)


def _key(one: Learner) -> str:
    return one.course_id or one.course or UNNAMED
