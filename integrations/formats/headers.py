"""Where a table's header is, and which column is what."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.errors import FileRefused
from integrations.formats.document import Document
from integrations.formats.fields import CANONICAL_FIELDS, JOINER, map_columns
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.layouts import Options
from integrations.formats.tables import Table, unique_header

LISTED = 40
"""Columns that are named where one is asked for that there is not."""
_DATA = re.compile(r"@|^\d[\d.,:/ -]*$|^(yes|no|true|false)$", re.IGNORECASE)
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d|^\d{1,2}\.? [a-z]{3,9}\.? \d{4}\b", re.IGNORECASE)


def find_header(head: list[Record], purpose: str) -> tuple[Record | None, int]:
    """The record that reads most like headings, and how many of its cells are known headings.

    Up to sixty records of title and remarks may come before it. A first record of plain words is
    taken for unknown headings; one with addresses or numbers is data, and there is no header.
    """
    best, score = None, 0
    first = _first_widest(head)
    for record in head:
        cells = unique_header([c.strip() for c in record.filled()])
        hits = len(map_columns(cells, purpose))
        # Below what may be headings, one cell may be called as a heading is and yet be a row's own word.
        lone = hits == 1 and record is not first
        data = any("@" in c or (lone and (_DATA.search(c) or _MOMENT.search(c))) for c in cells)
        if hits > score and not data:
            best, score = record, hits
    if score >= 2 or (best is not None and best.line == 1):
        return best, score
    return _unknown_header(head, best), score


def _unknown_header(head: list[Record], one_hit: Record | None) -> Record | None:
    first = _first_widest(head)
    if one_hit is not None and first is not None and len(one_hit.filled()) == len(first.filled()):
        return one_hit
    if first is None or any(_DATA.search(c.strip()) for c in first.cells if c.strip()):
        return None
    return first


def _first_widest(head: list[Record]) -> Record | None:
    """The first of the records with most cells."""
    filled = [r for r in head if r.filled()]
    return max(filled, key=lambda r: len(r.filled())) if filled else None


def choose_delimiter(document: Document, purpose: str) -> tuple[str, Record | None, int]:
    """The delimiter under which the header says most; then the one that gives most columns."""
    best: tuple[tuple[int, int], str, Record | None] | None = None
    for delimiter in document.delimiters:
        head = document.head(delimiter)
        header, score = find_header(head, purpose)
        shown = header or next((r for r in head if not r.blank), None)
        steady = _steady_width(head) if score == 0 else len(shown.cells) if shown else 0
        if best is None or (score, steady) > best[0]:
            best = ((score, steady), delimiter, header)
    assert best is not None
    return best[1], best[2], best[0][0]


def _steady_width(head: list[Record]) -> int:
    """The width most records share; 0 when they share none."""
    widths = [len(r.cells) for r in head if not r.blank]
    common = max(set(widths), key=widths.count, default=0)
    return common if widths.count(common) > len(widths) * 0.6 else 0


def mapping_for(table: Table, options: Options, *, named: bool) -> dict[str, str]:
    """The mapping given, else by the headings. FileRefused for columns that the file does not have."""
    if not options.mapping:
        return map_columns(table.header, options.purpose) if named else {}
    known = CANONICAL_FIELDS[options.purpose]
    given = {f: c for f, c in options.mapping.items() if f in known and c}
    parts = [p for c in given.values() for p in (c.split(JOINER) if c not in table.header else [c])]
    missing = [part for part in dict.fromkeys(parts) if part not in table.header]
    if missing:
        raise FileRefused(_no_such(missing, table.header))
    return given


def _no_such(missing: list[str], header: tuple[str, ...]) -> str:
    listed = ", ".join(f"“{column}”" for column in missing[:LISTED])
    has = ", ".join(header[:LISTED])
    more = f" and {len(header) - LISTED} more" if len(header) > LISTED else ""
    which = "column" if len(missing) == 1 else "columns"
    return f"The file has no {which} {listed}. Map to the columns that it has: {has}{more}."


def as_spelled(kept: Mapping[str, str], header: tuple[str, ...]) -> dict[str, str]:
    """A mapping that was kept for headings such as these, with its columns as this file spells them, and without
    those that it does not have."""
    spelled = {normalise(column): column for column in reversed(header)}
    spelled |= {column: column for column in header}

    def here(column: str) -> str | None:
        return spelled.get(column) or spelled.get(normalise(column))

    found: dict[str, str] = {}
    for field, columns in kept.items():
        parts = [here(columns)] if here(columns) else [here(part) for part in columns.split(JOINER)]
        if all(parts) or not columns:
            found[field] = JOINER.join(filter(None, parts))
    return found
