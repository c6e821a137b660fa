"""Moodle: activity progress and course completion. One event per activity, one row per person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from integrations.formats.assemble import Facts
from integrations.formats.document import Document, headings
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.tables import Table, raw_cells

_STATE = re.compile(r"^(completed|not completed)\b", re.IGNORECASE)
_IDENTITY = {
    "email address": "email",
    "email": "email",
    "institution": "company",
    "department": "",
    "id number": "",
    "username": "",
    "phone": "",
    "mobile phone": "",
    "country": "country",
    "city town": "",
}
_DATE_SUFFIX = " completion date"
COURSE = "Course complete"


def sees_progress(head: list[Record]) -> Record | None:
    """An empty first heading over names, an address column, and cells that say Completed or not."""
    first = head[0] if head else None
    if first is None or len(first.cells) < 4 or first.cells[0].strip():
        return None
    if not any(normalise(c) in _IDENTITY for c in first.cells[1:]):
        return None
    said = any(_STATE.match(c.strip()) for r in head[1:] for c in r.cells[2:])
    return first if said else None


def sees_completion(head: list[Record]) -> Record | None:
    first = head[0] if head else None
    return first if first and {"name", "course complete"} <= headings(first) else None


def read_progress(document: Document, sighting: Sighting) -> Reading:
    table = document.table(sighting.header, sighting.delimiter, padded=True)
    at = 1
    while at < len(table.header) and normalise(sighting.header.cells[at]) in _IDENTITY:
        at += 1
    activities = [(table.header[i], i, i + 1) for i in range(at, len(table.header) - 1, 2)]
    return _reading(table, _people(table, 0, at), activities)


def read_completion(document: Document, sighting: Sighting) -> Reading:
    table = document.table(sighting.header, sighting.delimiter, padded=True)
    keys = [normalise(h) for h in table.header]
    activities: list[tuple[str, int, int]] = []
    for i, key in enumerate(keys):
        if key + _DATE_SUFFIX in keys:
            activities.append((table.header[i], i, keys.index(key + _DATE_SUFFIX)))
    done = keys.index("course complete")
    return _reading(
        table, _people(table, keys.index("name"), done), [*activities, (COURSE, done, done)]
    )


def _people(table: Table, name: int, until: int) -> pl.DataFrame:
    cells = table.cells
    known = {_IDENTITY.get(normalise(table.header[i]), ""): i for i in range(until)}
    found = {field: cells[f"c{i}"] for field, i in known.items() if field}
    raw = cells["raw"].fill_null(raw_cells(cells))
    return pl.DataFrame(
        {
            "line": cells["line"],
            "flaw": cells["flaw"],
            "raw": raw,
            "name": cells[f"c{name}"],
            **found,
        }
    )


def _reading(table: Table, people: pl.DataFrame, activities: list[tuple[str, int, int]]) -> Reading:
    parts = list(_parts(table, people, activities))
    fields = pl.concat(parts) if parts else people.clear()
    return Reading(
        fields.sort("line", maintain_order=True),
        Facts(event_type="training", self_paced=True),
        header=table.header,
        blank=table.blank,
    )


def _parts(
    table: Table, people: pl.DataFrame, activities: list[tuple[str, int, int]]
) -> Iterator[pl.DataFrame]:
    """A failing grade is attended and completed, but not passed. The course itself has a date
    only: being there means complete."""
    for name, state, date in activities:
        said = table.cells[f"c{state}"].str.strip_chars().str.to_lowercase().alias("said")
        done = said.str.starts_with("completed") if state != date else said != ""
        failed = said.str.contains("did not achieve", literal=True)
        passed = said.str.contains("achieved pass", literal=True) & ~failed
        yield people.with_columns(
            pl.lit(name).alias("event"),
            table.cells[f"c{date}"].alias("date"),
            _word(done, "attended", "registered").alias("status"),
            _word(done, "yes", "no").alias("completed"),
            passed.to_frame("p")
            .select(pl.when(failed).then(pl.lit("no")).when(passed).then(pl.lit("yes")))
            .to_series()
            .alias("passed"),
        )


def _word(is_so: pl.Series, yes: str, no: str) -> pl.Series:
    frame = is_so.to_frame("so")
    return frame.select(pl.when("so").then(pl.lit(yes)).otherwise(pl.lit(no))).to_series()


LAYOUTS = (
    Layout(
        "moodle_progress",
        "Moodle activity progress",
        "moodle",
        "attendance",
        sees_progress,
        read_progress,
    ),
    Layout(
        "moodle_completion",
        "Moodle course completion",
        "moodle",
        "attendance",
        sees_completion,
        read_completion,
    ),
)
