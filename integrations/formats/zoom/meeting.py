"""Meeting participants: with or without the meeting block, every row or one per user, any year."""

from __future__ import annotations

import re
from itertools import pairwise

import polars as pl

from integrations.formats import sections, values
from integrations.formats.assemble import Facts
from integrations.formats.document import Document
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.name_halves import bare_name
from integrations.formats.people import clean_names
from integrations.formats.statuses import status
from integrations.formats.tables import Table
from integrations.formats.zoom.preamble import COLUMNS, event_facts

_NAMES = ("name original name", normalise("名前 (元の名前)"))
_LENGTHS = (
    "duration minutes",
    "total duration minutes",
    normalise("所要時間（分）"),
    normalise("合計所要時間（分）"),
)
_ORDER = ("name", "email", "joined_at", "left_at", "minutes", "guest", "recording", "waiting")
_TOPIC_FIRST = ("topic", "id", "host", "duration minutes", "start time", "end time")
_NUMBER_FIRST = ("meeting id", "topic", "start time", "end time", "user email", "duration minutes")
_NUMBER = re.compile(r"[\d \u00a0-]{9,}$")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_HOST = re.compile(r"\(([^()\s]+@[^()\s]+)\)")


def sees(head: list[Record]) -> Record | None:
    for name in _NAMES:
        for length in _LENGTHS:
            if header := sections.header_with(head, name, length):
                return header
    told = (above for above, below in pairwise(head) if _is_translated(above.cells, below.cells))
    return next(told, None)


def _is_translated(header: list[str], first: list[str]) -> bool:
    """Whether a heading in another language stands where that of the participants does."""
    if len(header) < len(_ORDER) - 2 or len(first) < len(_ORDER) - 2:
        return False
    named = bare_name(header[0]) and header[4].strip().endswith((")", "）"))
    times = all(_CLOCK.search(cell) for cell in first[2:4])
    return named and times and first[4].strip().isdigit()


def read(document: Document, sighting: Sighting) -> Reading:
    records = document.records(sighting.delimiter)
    at = sighting.header.line
    before = [r for r in records[: at - 1] if not r.blank]
    table = sections.table([r for r in records[at - 1 :] if not r.blank])
    translated = not any(normalise(h) in _NAMES for h in table.header)
    topic = _topic(before) if translated else sections.block(before, "topic")
    fields = clean_names(sections.part(table, _columns(table) if translated else COLUMNS))
    fields = _waiting_room(_roles(fields, _host(topic)))
    unique = "total duration minutes" in {normalise(h) for h in table.header}
    blank = sum(r.blank for r in records[at:])
    return Reading(
        fields,
        Facts(
            event=event_facts(topic, "meeting"),
            month_first=None if translated else True,
            local_times=translated,
            present_means_attended=True,
        ),
        header=table.header,
        label=f"Zoom meeting participants ({'one row per user' if unique else 'every join'})",
        blank=blank,
    )


def _columns(table: Table) -> dict[str, str]:
    """Translated reports keep the order of the columns."""
    by_place = {normalise(h): field for h, field in zip(table.header, _ORDER, strict=False)}
    return {field: field for field in _ORDER} | by_place


def _topic(before: list[Record]) -> dict[str, str]:
    """The meeting by the order of its cells, which begin with the number or the topic."""
    told = [cell.strip() for cell in before[1].cells] if len(before) > 1 else []
    order = _NUMBER_FIRST if told and _NUMBER.match(told[0]) else _TOPIC_FIRST
    return dict(zip(order, told, strict=False))


def _host(topic: dict[str, str]) -> str:
    """The host's address: 'Name (address)' since 2024, a column of its own before."""
    named = _HOST.search(topic.get("host", ""))
    return (named[1] if named else topic.get("user email", "")).casefold()


def _roles(fields: pl.DataFrame, host: str) -> pl.DataFrame:
    """The host by address; whoever is signed in to the host's account ('Guest' = No) is staff."""
    own = values.by_distinct(fields["guest"], status, pl.Utf8) == "no_show"
    role = pl.when(pl.lit(own)).then(pl.lit("staff")).otherwise(pl.lit("attendee"))
    if host:
        is_host = pl.col("email").str.strip_chars().str.to_lowercase() == host
        role = pl.when(is_host).then(pl.lit("host")).otherwise(role)
    return fields.with_columns(role=role).drop("guest")


def _waiting_room(fields: pl.DataFrame) -> pl.DataFrame:
    """Time before being let in is no attendance: no minutes, no interval, and a note."""
    word = values.by_distinct(fields["waiting"], status, pl.Utf8)
    outside = pl.lit((word == "attended").fill_null(value=False))
    return fields.with_columns(
        *(pl.when(~outside).then(c).alias(c) for c in ("joined_at", "left_at")),
        pl.when(outside).then(pl.lit("0")).otherwise("minutes").alias("minutes"),
        pl.when(outside).then(pl.lit("registered")).alias("status"),
        pl.when(outside).then(pl.lit("waiting room")).alias("note"),
    ).drop("waiting", "recording", strict=False)


LAYOUTS = (Layout("zoom_meeting", "Zoom meeting participants", "zoom", "attendance", sees, read),)
