"""GoToWebinar attendee report: label rows over value rows, then the participants, then staff."""

from __future__ import annotations

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document
from integrations.formats.durations import minutes
from integrations.formats.events import EventFacts
from integrations.formats.grid import Record
from integrations.formats.layouts import Layout, Reading, Sighting

_TITLES = ("general information", "attendee details", "session details", "staff")
_COLUMNS = {
    "attended": "status",
    "last name": "last_name",
    "first name": "first_name",
    "name": "name",
    "email address": "email",
    "email": "email",
    "organization": "company",
    "company": "company",
    "job title": "title",
    "registration date time": "registered_at",
    "registration date": "registered_at",
    "join time": "joined_at",
    "leave time": "left_at",
    "time in session": "minutes",
    "time in session minutes": "minutes",
    "country": "country",
}
_STAFF = _COLUMNS | {"role": "role"}


def sees(head: list[Record]) -> Record | None:
    return next((r for r in head if sections.title(r) == "general information"), None)


def read(document: Document, sighting: Sighting) -> Reading:
    records = document.records(sighting.delimiter)
    found = sections.split(records, _TITLES)
    told = _labels(found[""] + found.get("general information", []))
    people = sections.table(found.get("attendee details") or found.get("session details", []))
    staff = sections.table(found.get("staff", []))
    parts = [
        sections.part(people, _COLUMNS, role="attendee"),
        sections.part(staff, _STAFF, status="yes"),
    ]
    length = told.get("actual duration minutes") or told.get("duration minutes")
    event = EventFacts(
        name=told.get("webinar name") or told.get("webinar title", ""),
        source_event_id=told.get("webinar id"),
        type="webinar",
        starts_at=told.get("actual start date time") or told.get("scheduled start date"),
        minutes=minutes(length) if length else None,
    )
    return Reading(
        sections.stack(parts), Facts(event=event, month_first=True), header=people.header
    )


def _labels(records: list[Record]) -> dict[str, str]:
    """Everything the label rows say; a value row never starts another pair."""
    told: dict[str, str] = {}
    for names in (("webinar id",), ("actual start date time",), ("actual duration minutes",)):
        told |= {k: v for k, v in sections.block(records, *names).items() if k not in told}
    return told


LAYOUTS = (Layout("gotowebinar", "GoToWebinar attendee report", "goto", "attendance", sees, read),)
