"""The table of layouts, and the order in which they are tried."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from data.errors import FileRefused
from integrations.formats.content import load
from integrations.formats.document import Document
from integrations.formats.generic import read_generic
from integrations.formats.layouts import Layout, Options, Sighting, finish
from integrations.formats.records import ParsedFile

LAYOUTS: tuple[Layout, ...] = ()

GENERIC = Layout("generic", "Table", "generic", "attendance", lambda _: None, lambda _d, _s: _none())


def _none() -> None:
    raise NotImplementedError


def recognise(path: Path, options: Options) -> ParsedFile:
    content = load(path)
    document = Document(content.text)
    found = None if options.mapping else sight(document)
    if found is not None:
        layout, sighting = found
        parsed = finish(layout, layout.read(document, sighting), options)
    else:
        parsed = finish(GENERIC, read_generic(document, options), options)
    if parsed.rows.is_empty():
        raise FileRefused("This file has headings but no rows below them. Export it again.")
    return replace(parsed, warnings=(*content.warnings, *parsed.warnings))


def sight(document: Document) -> tuple[Layout, Sighting] | None:
    for delimiter in document.delimiters:
        head = document.head(delimiter)
        for layout in LAYOUTS:
            header = layout.sees(head)
            if header is not None:
                return layout, Sighting(head, delimiter, header)
    return None
