"""What a vendor's file provides, and how any reading becomes a ParsedFile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from integrations.formats.assemble import Facts, assemble
from integrations.formats.document import Document
from integrations.formats.fields import layout_key
from integrations.formats.grid import Record
from integrations.formats.records import OF_ATTENDANCE, ParsedFile
from integrations.formats.statuses import folded
from integrations.formats.tables import CUT_OFF, Table, raw_cells


@dataclass(frozen=True)
class Options:
    """What the caller says about the file. `statuses`: what words for a status mean that are not known."""

    mapping: Mapping[str, str] | None = None
    day_first: bool | None = None
    purpose: str = "attendance"
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Sighting:
    """A layout seen in the first records: under which delimiter, and where its header is."""

    head: list[Record]
    delimiter: str
    header: Record


@dataclass(frozen=True)
class Reading:
    """Canonical text columns of a file (see assemble), and what they were read from.

    `table` is set for plain tables and lies row by row beside `fields`; other layouts put the
    original cells of every row into a `raw` column of `fields`.
    """

    fields: pl.DataFrame
    facts: Facts
    table: Table | None = None
    header: tuple[str, ...] = ()
    mapping: dict[str, str] = field(default_factory=dict[str, str])
    needs_mapping: bool = False
    warnings: tuple[str, ...] = ()
    label: str = ""
    blank: int = 0
    tidy: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame] | None = None


@dataclass(frozen=True)
class Origin:
    """Where a file comes from: see ParsedFile."""

    format: str
    label: str
    source: str
    kind: str


@dataclass(frozen=True)
class Layout(Origin):
    """One row of the detection table. `sees` finds the header among the first records, or not."""

    sees: Callable[[list[Record]], Record | None]
    read: Callable[[Document, Sighting], Reading]


def finish(origin: Origin, reading: Reading, options: Options) -> ParsedFile:
    """Normalise a reading and describe it."""
    answers = {folded(word): said for word, said in options.statuses.items()}
    facts = replace(reading.facts, statuses=answers)
    if options.day_first is not None:
        facts = replace(facts, day_first=options.day_first)
    done = assemble(reading.fields, facts, judging=origin.kind in OF_ATTENDANCE)
    rows = done.rows if reading.tidy is None else reading.tidy(done.rows, reading.fields)
    table = reading.table
    rows = attach_raw(rows, reading.fields, table)
    header = reading.header or (table.header if table else ())
    return ParsedFile(
        format=origin.format,
        label=reading.label or origin.label,
        source=origin.source,
        kind=origin.kind,
        events=done.events,
        rows=rows,
        columns=header,
        mapping=reading.mapping,
        needs_mapping=reading.needs_mapping,
        sample=table.sample() if table else (),
        layout_key=layout_key(header),
        warnings=(*reading.warnings, *done.warnings, *_cut_off(rows)),
        records=rows.height,
        blank=table.blank if table else reading.blank,
        day_first=done.order.used,
        dates_ambiguous=done.order.ambiguous,
        status_words=done.status_words,
    )


def _cut_off(rows: pl.DataFrame) -> tuple[str, ...]:
    if not rows["problem"].tail(1).str.ends_with(CUT_OFF).any():
        return ()
    return ("The file seems to be cut off in its last row. Export it again and upload that.",)


def attach_raw(rows: pl.DataFrame, fields: pl.DataFrame, table: Table | None) -> pl.DataFrame:
    """The original cells beside every row with a problem, and only there."""
    bad = rows["problem"].is_not_null().arg_true()
    if bad.is_empty():
        return rows
    if table is not None:
        # gather keeps rows and cells side by side; a row of broken width brings its own text.
        cells = table.cells[bad.to_list()]
        raw = cells["raw"].fill_null(raw_cells(cells))
    else:
        raw = fields["raw"].gather(bad)
    none = pl.repeat(None, rows.height, dtype=pl.Utf8, eager=True)
    return rows.with_columns(raw=none.scatter(bad, raw))
