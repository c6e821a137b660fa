"""The table of layouts, and the order in which they are tried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from data.errors import FileRefused
from integrations.formats import (
    eventbrite,
    goto,
    guestlists,
    moodle,
    ringcentral,
    teams,
    to_mend,
    webex,
    workbook,
    zoom,
)
from integrations.formats.content import Content, load
from integrations.formats.document import Document
from integrations.formats.generic import read_generic
from integrations.formats.headers import choose_delimiter
from integrations.formats.layouts import Layout, Options, Origin, Sighting, finish
from integrations.formats.lists import ON24, XAPI, read_list
from integrations.formats.master import read_master
from integrations.formats.records import NO_ROWS, ParsedFile

# A new vendor is one file with its LAYOUTS, a sample, and a line here. The more particular first.
LAYOUTS: tuple[Layout, ...] = (
    *goto.LAYOUTS,
    *zoom.LAYOUTS,
    *teams.LAYOUTS,
    *webex.LAYOUTS,
    *ringcentral.LAYOUTS,
    *eventbrite.LAYOUTS,
    *guestlists.LAYOUTS,
    *moodle.LAYOUTS,
)
GENERIC = Origin("generic", "Table", "generic", "attendance")
SOURCES = frozenset(origin.source for origin in (*LAYOUTS, ON24, XAPI, GENERIC))


def recognise(path: Path, options: Options) -> ParsedFile:
    """Load, tell what it is, read. See formats.read."""
    content = load(path)
    warnings = content.warnings
    if content.kind == "workbook":
        document, more = _sheet(path, options)
        warnings += more
        parsed = _read(document, options)
    elif content.kind == "json":
        parsed = _read_json(content, options)
    else:
        document = Document(content.text)
        del content  # so that the document alone holds the text, and can forget it
        parsed = _read(document, options)
    if parsed.rows.is_empty():
        raise FileRefused(NO_ROWS)
    return replace(parsed, warnings=(*warnings, *parsed.warnings))


def _read(document: Document, options: Options) -> ParsedFile:
    if options.purpose != "attendance":
        return read_master(document, options)
    found = None if options.mapping else sight(document)
    if found is None:
        return finish(GENERIC, read_generic(document, options), options)
    layout, sighting = found
    reading = layout.read(document, sighting)
    parsed = finish(layout, reading, options)
    return to_mend.restored(parsed, reading.fields) if layout.format == to_mend.FORMAT else parsed


def _read_json(content: Content, options: Options) -> ParsedFile:
    found = read_list(content.text)
    if isinstance(found, Document):
        return _read(found, options)
    if options.purpose != "attendance":
        raise FileRefused("This file holds attendance, not customers. Upload it under Events.")
    return finish(*found, options)


def sight(document: Document) -> tuple[Layout, Sighting] | None:
    """The first layout that knows the document under any delimiter."""
    for delimiter in document.delimiters:
        head = document.head(delimiter)
        own = to_mend.layout(head, SOURCES)
        for layout in (own,) if own else LAYOUTS:
            header = layout.sees(head)
            if header is not None:
                return layout, Sighting(head, delimiter, header)
    return None


def _sheet(path: Path, options: Options) -> tuple[Document, tuple[str, ...]]:
    """The sheet that reads best, the fullest where none can be read, and a word on those left aside."""
    workbook.preflight(path)
    found: list[tuple[str, Document]] = []
    scores: list[tuple[int, int]] = []
    for name, rows in workbook.sheets(path):
        document = Document(sheet=rows)
        score = _score(document, options)
        filled = 0 if score else sum(sum(map(bool, row)) for row in rows)
        found.append((name, document))
        scores.append((score, filled))
    if not found:
        raise FileRefused("This workbook is empty. Export the report again and upload that.")
    name, document = found[scores.index(max(scores))]
    if len(found) == 1:
        return document, ()
    return document, (f'The workbook has {len(found)} sheets; only "{name[:60]}" was read.',)


def _score(document: Document, options: Options) -> int:
    if options.purpose == "attendance" and sight(document) is not None:
        return 1_000
    return choose_delimiter(document, options.purpose)[2]
