"""Registration report of a webinar or meeting."""

from __future__ import annotations

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document, headings
from integrations.formats.grid import Record
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.people import clean_names
from integrations.formats.zoom.preamble import (
    COLUMNS,
    approve,
    event_facts,
    kind_of,
    prefer_registered_name,
)


def sees(head: list[Record]) -> Record | None:
    header = sections.header_with(head, "email", "registration time", "approval status")
    return header if header and not headings(header) & {"attended", "join time"} else None


def read(document: Document, sighting: Sighting) -> Reading:
    records = document.records(sighting.delimiter)
    at = sighting.header.line
    topic = sections.block([r for r in records[: at - 1] if not r.blank], "topic")
    table = sections.table([r for r in records[at - 1 :] if not r.blank])
    fields = clean_names(prefer_registered_name(sections.part(table, COLUMNS)))
    return Reading(
        approve(fields, "registered"),
        Facts(event=event_facts(topic, kind_of(topic)), month_first=True),
        header=table.header,
        blank=sum(r.blank for r in records[at:]),
    )


LAYOUTS = (
    Layout("zoom_registration", "Zoom registration report", "zoom", "registration", sees, read),
)
