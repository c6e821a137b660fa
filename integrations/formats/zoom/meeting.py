"""Meeting participants: with or without the meeting block, every row or one per user, any year."""

from __future__ import annotations

import re

import polars as pl

from integrations.formats import sections
from integrations.formats.assemble import Facts
from integrations.formats.document import Document
from integrations.formats.grid import Record
from integrations.formats.headings import normalise
from integrations.formats.layouts import Layout, Reading, Sighting
from integrations.formats.people import clean_names
from integrations.formats.zoom.preamble import COLUMNS, event_facts

_NAMES = ("name original name", normalise("名前 (元の名前)"))
_LENGTHS = (
    "duration minutes",
    "total duration minutes",
    normalise("所要時間（分）"),
    normalise("合計所要時間（分）"),
)
_HOST = re.compile(r"\(([^()\s]+@[^()\s]+)\)")


def sees(head: list[Record]) -> Record | None:
    for name in _NAMES:
        for length in _LENGTHS:
            if header := sections.header_with(head, name, length):
                return header
    return None


def read(document: Document, sighting: Sighting) -> Reading:
    records = document.records(sighting.delimiter)
    at = sighting.header.line
    before = [r for r in records[: at - 1] if not r.blank]
    topic = sections.block(before, "topic")
    table = sections.table([r for r in records[at - 1 :] if not r.blank])
    fields = clean_names(sections.part(table, COLUMNS))
    fields = _waiting_room(_roles(fields, _host(topic)))
    unique = "total duration minutes" in {normalise(h) for h in table.header}
    blank = sum(r.blank for r in records[at:])
    return Reading(
        fields,
        Facts(event=event_facts(topic, "meeting"), month_first=True, present_means_attended=True),
        header=table.header,
        label=f"Zoom meeting participants ({'one row per user' if unique else 'every join'})",
        blank=blank,
    )


def _host(topic: dict[str, str]) -> str:
    """The host's address: 'Name (address)' since 2024, a column of its own before."""
    named = _HOST.search(topic.get("host", ""))
    return (named[1] if named else topic.get("user email", "")).casefold()


def _roles(fields: pl.DataFrame, host: str) -> pl.DataFrame:
    """The host by address; whoever is signed in to the host's account ('Guest' = No) is staff."""
    own = pl.col("guest").str.strip_chars().str.to_lowercase() == "no"
    role = pl.when(own).then(pl.lit("staff")).otherwise(pl.lit("attendee"))
    if host:
        is_host = pl.col("email").str.strip_chars().str.to_lowercase() == host
        role = pl.when(is_host).then(pl.lit("host")).otherwise(role)
    return fields.with_columns(role=role).drop("guest")


def _waiting_room(fields: pl.DataFrame) -> pl.DataFrame:
    """Time before being let in is no attendance: no minutes, no interval, and a note."""
    word = pl.col("waiting").str.strip_chars().str.to_lowercase()
    outside = (word == "yes").fill_null(value=False)
    return fields.with_columns(
        *(pl.when(~outside).then(c).alias(c) for c in ("joined_at", "left_at")),
        pl.when(outside).then(pl.lit("0")).otherwise("minutes").alias("minutes"),
        pl.when(outside).then(pl.lit("registered")).alias("status"),
        pl.when(outside).then(pl.lit("waiting room")).alias("note"),
    ).drop("waiting")


LAYOUTS = (Layout("zoom_meeting", "Zoom meeting participants", "zoom", "attendance", sees, read),)
