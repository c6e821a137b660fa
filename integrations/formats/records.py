"""What every reader hands back: one event frame and one row frame, the same for all platforms."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from integrations.formats.status_words import Word

MOMENT = pl.Datetime("us")

TOLD = "told"
"""The kind of a file of what is told of a person piece by piece, in any order, and never as the whole of what is
so now."""
OF_ATTENDANCE = ("attendance", TOLD)
"""The kinds of files that say who came."""

UNKNOWN = "unknown"
"""The status of a row whose words for it are not known, and that tells no time of attendance either."""

NO_ROWS = "This file has headings but no rows below them. Export it again."

# starts_at is wall-clock time in `zone`; a null zone means the file does not say which one.
EVENT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "event_ref": pl.UInt32,
    "source_event_id": pl.Utf8,
    "name": pl.Utf8,
    "type": pl.Utf8,
    "topic": pl.Utf8,
    "starts_at": MOMENT,
    "zone": pl.Utf8,
    "duration_minutes": pl.Float64,
    "polls_asked": pl.Int32,
}

# One row per record of the file: segments and re-joins are not merged here.
ROW_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "line": pl.UInt32,
    "event_ref": pl.UInt32,
    "name": pl.Utf8,
    "email": pl.Utf8,
    "company": pl.Utf8,
    "title": pl.Utf8,
    "role": pl.Utf8,
    "status": pl.Utf8,
    "registered_at": MOMENT,
    "joined_at": MOMENT,
    "left_at": MOMENT,
    "zoned": pl.Boolean,
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "sessions": pl.Utf8,
    "country": pl.Utf8,
    "detail": pl.Utf8,
    "completed": pl.Boolean,
    "passed": pl.Boolean,
    "note": pl.Utf8,
    "problem": pl.Utf8,
    "raw": pl.Utf8,
}


@dataclass(frozen=True)
class ParsedFile:
    """A file as read. Nothing is stored, matched or merged yet.

    `events` follows EVENT_SCHEMA. `rows` follows ROW_SCHEMA for attendance, registration, poll and
    qa files; for customers and stakeholders it is all text: one column per canonical field (every
    field is there, null when the file has none), then line, problem and raw.
    `records == rows.height`: every record that is not blank is a row, a rejected one too.
    """

    format: str
    label: str
    source: str
    kind: str
    events: pl.DataFrame
    rows: pl.DataFrame
    columns: tuple[str, ...]
    mapping: dict[str, str]
    needs_mapping: bool
    sample: tuple[tuple[str, ...], ...]
    layout_key: str
    warnings: tuple[str, ...]
    records: int
    blank: int
    day_first: bool | None
    dates_ambiguous: bool
    status_words: tuple[Word, ...] = ()
    """Words for a status that are not known but by what was said of them."""


def no_events() -> pl.DataFrame:
    return pl.DataFrame(schema=EVENT_SCHEMA)
