"""Files that are lists of objects: ON24, xAPI, or any other taken as a table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from data.errors import FileRefused
from integrations.formats import on24, xapi
from integrations.formats.assemble import Facts
from integrations.formats.document import Document
from integrations.formats.layouts import Origin, Reading
from integrations.formats.structured import Item, as_sheet, items, numbered, parse
from integrations.formats.ticket_exports import flat, sees

_HOLDERS = (
    "attendees",
    "statements",
    "records",
    "data",
    "items",
    "results",
    "registrants",
    "rows",
    "tickets",
)


ON24 = Origin("on24", "ON24 event attendees", "on24", "attendance")
XAPI = Origin("xapi", "Learning records (xAPI)", "xapi", "attendance")


def read_list(text: bytes) -> tuple[Origin, Reading] | Document:
    """A known list's reading, or any other list as a document of one sheet."""
    document = parse(text)
    rows = items(document, *_HOLDERS)
    if not rows:
        raise FileRefused("This JSON file holds no list of people. Upload the attendee export.")
    if on24.sees(rows):
        row = partial(on24.row, survey=on24.surveyed(rows))
        return ON24, _reading(rows, row, Facts(event=on24.event(document)))
    if xapi.sees(rows):
        return XAPI, _reading(rows, xapi.row, Facts(event_type="training", self_paced=True))
    return Document(sheet=as_sheet(flat(rows) if sees(rows[0]) else rows))


def _reading(
    rows: list[Item], row: Callable[[int, Item], dict[str, str | None]], facts: Facts
) -> Reading:
    made = [row(line, item) for line, item in numbered(rows)]
    fields = pl.DataFrame(made, schema=dict.fromkeys(made[0], pl.Utf8))
    flaw = pl.lit(None, dtype=pl.Utf8)
    header = tuple(str(k) for k in rows[0])
    return Reading(
        fields.with_columns(pl.col("line").cast(pl.UInt32), flaw=flaw), facts, header=header
    )
