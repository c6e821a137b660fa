"""Teams: the attendance report in its numbered sections, and the older log of actions."""

from __future__ import annotations

import re

import polars as pl

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document, headings
from integrations.formats.durations import minutes
from integrations.formats.events import EventFacts
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.people import clean_names
from integrations.formats.tables import Table, raw_cells

_NUMBERED = re.compile(r"^([1-9])\s*\.\s*\S")
_COLUMNS = {
    "name": "name",
    "full name": "name",
    "first join": "joined_at",
    "first join time": "joined_at",
    "last leave": "left_at",
    "last leave time": "left_at",
    "join time": "joined_at",
    "leave time": "left_at",
    "in meeting duration": "minutes",
    "duration": "minutes",
    "email": "email",
    "participant id upn": "upn",
    "role": "role",
}
# Translated reports keep the order of the columns.
_PEOPLE = ("name", "joined_at", "left_at", "minutes", "email", "upn", "role")
_STAYS = ("name", "joined_at", "left_at", "minutes", "email", "role")
_SUMMARY = ("meeting title", "attended participants", "start time", "end time", "meeting duration")


def sees(head: list[Record]) -> Record | None:
    numbered = [r for r in head if _number(r)]
    return numbered[0] if numbered and _number(numbered[0]) == 1 else None


def _number(record: Record) -> int | None:
    cells = record.filled()
    found = _NUMBERED.match(cells[0]) if len(cells) == 1 else None
    return int(found[1]) if found else None


def read(document: Document, sighting: Sighting) -> Reading:
    found: dict[int, list[Record]] = {}
    current: list[Record] = []
    for record in document.records(sighting.delimiter):
        number = _number(record)
        if number:
            current = found.setdefault(number, [])
        elif not record.blank:
            current.append(record)
    told = _summary(found.get(1, []))
    stays = len(found.get(3, [])) > 1
    table = sections.table(found.get(3 if stays else 2, []))
    fields = _fields(table, _STAYS if stays else _PEOPLE)
    length = told.get("meeting duration", "")
    event = EventFacts(
        name=told.get("meeting title", ""),
        type="meeting",
        starts_at=told.get("start time"),
        minutes=minutes(length) if length else None,
    )
    return Reading(
        fields,
        Facts(event=event, present_means_attended=True, local_times=True),
        header=table.header,
    )


def _summary(records: list[Record]) -> dict[str, str]:
    """Key and value per row; a translated report is read by the order of its rows."""
    pairs = [(normalise(r.cells[0]), r.cells[1].strip()) for r in records if len(r.cells) > 1]
    if any(key in _SUMMARY for key, _ in pairs):
        return dict(pairs)
    return {key: value for key, (_, value) in zip(_SUMMARY, pairs, strict=False)}


def _fields(table: Table, order: tuple[str, ...]) -> pl.DataFrame:
    columns = _COLUMNS
    if len({_COLUMNS.get(normalise(h)) for h in table.header} - {None}) < 4:
        by_place = {normalise(h): c for h, c in zip(table.header, order, strict=False)}
        columns = {c: c for c in order} | by_place
    fields = sections.part(table, columns)
    if "upn" in fields.columns:  # the section of stays has none
        mail = pl.col("email").str.strip_chars().replace("", None)
        fields = fields.with_columns(email=pl.coalesce(mail, "upn")).drop("upn")
    return clean_names(fields)


def sees_log(head: list[Record]) -> Record | None:
    first = next((r for r in head if not r.blank), None)
    if first is None:
        return None
    known = headings(first)
    old = {"full name", "user action", "timestamp"} <= known
    live = {"fullname", "utceventtimestamp", "action"} <= known
    return first if old or live else None


_LOG = {
    "full name": "name",
    "fullname": "name",
    "user action": "action",
    "action": "action",
    "timestamp": "joined_at",
    "utceventtimestamp": "joined_at",
    "role": "role",
    "participantid": "person",
}


def read_log(document: Document, sighting: Sighting) -> Reading:
    table = document.table(sighting.header, sighting.delimiter, padded=True)
    fields = clean_names(sections.part(table, _LOG))
    fields = fields.with_columns(raw_cells(table.cells).alias("raw"))
    utc = "utceventtimestamp" in headings(sighting.header)
    return Reading(
        _paired(fields),
        Facts(
            event=EventFacts(type="meeting"),
            zone="UTC" if utc else None,
            present_means_attended=True,
            local_times=True,
        ),
        header=table.header,
        blank=table.blank,
        warnings=("The log holds no email addresses; people are known by name only.",),
    )


def _paired(fields: pl.DataFrame) -> pl.DataFrame:
    """Each 'Joined' takes the time of the same person's next 'Left'; that row stays, empty of
    times. A join nobody left again is counted to the last time in the log."""
    person = "name" if fields["person"].null_count() else "person"
    coming = pl.col("action").str.strip_chars().str.to_lowercase().str.starts_with("join")
    following = pl.col("joined_at").shift(-1).over(person)
    left_next = (~coming).shift(-1).over(person).fill_null(value=False)
    closing = (~coming) & coming.shift(1).over(person).fill_null(value=False)
    end = fields["joined_at"].drop_nulls().tail(1).first() if fields.height else None
    return fields.with_columns(
        joined_at=pl.when(coming).then("joined_at"),
        left_at=pl.when(coming & left_next).then(following).when(coming).then(pl.lit(end)),
        note=pl.when(closing)
        .then(pl.lit("closes the stay joined above"))
        .when(coming & ~left_next)
        .then(pl.lit("never left in the log; counted to its end")),
    ).drop("action", "person", strict=False)


LAYOUTS = (
    Layout("teams", "Microsoft Teams attendance report", "teams", "attendance", sees, read),
    Layout("teams_log", "Microsoft Teams action log", "teams", "attendance", sees_log, read_log),
)
