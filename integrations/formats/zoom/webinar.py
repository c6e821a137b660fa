"""Webinar attendee report: host, panelist, attendee and other sections, all generations."""

from __future__ import annotations

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document
from integrations.formats.grid import Record
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.people import clean_names
from integrations.formats.zoom.preamble import COLUMNS, approve, event_facts, prefer_registered_name

_SECTIONS = {
    "host details": "host",
    "panelist details": "panelist",
    "attendee details": "attendee",
    "other attended": "attendee",
}


def sees(head: list[Record]) -> Record | None:
    topic = sections.header_with(head, "topic", "webinar id", "actual start time")
    if topic is None:
        return None
    titles = {sections.title(r) for r in head}
    return topic if titles & set(_SECTIONS) or "attendee report" in titles else None


def read(document: Document, sighting: Sighting) -> Reading:
    found = sections.split(document.records(sighting.delimiter), _SECTIONS)
    topic = sections.block(found[""], "topic", "webinar id")
    parts, header = [], ()
    for name, role in _SECTIONS.items():
        table = sections.table(found.get(name, []))
        said = {"role": role} | ({"status": "attended"} if name == "other attended" else {})
        part = sections.part(table, COLUMNS, **said)
        parts.append(clean_names(prefer_registered_name(part)))
        header = table.header if name == "attendee details" else header
    fields = approve(sections.stack(parts), "registered")
    return Reading(
        fields,
        Facts(event=event_facts(topic, "webinar"), month_first=True),
        header=header,
        label=f"Zoom webinar attendee report ({_generation(topic, header)} layout)",
    )


def _generation(topic: dict[str, str], header: tuple[str, ...]) -> str:
    if "registrants" in topic:
        return "2026"
    return "2025" if any("Original Name" in h for h in header) else "2020"


LAYOUTS = (
    Layout("zoom_webinar", "Zoom webinar attendee report", "zoom", "attendance", sees, read),
)
