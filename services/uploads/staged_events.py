"""The events of a parsed file: named, typed and dated, with what a person has set in the preview. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from pathlib import PurePath

import polars as pl

from integrations.formats.records import ParsedFile
from integrations.formats.to_mend import FORMAT as TO_MEND
from services.uploads.event_times import ranked
from services.uploads.event_types import guess_type
from services.uploads.records import Choices

_WORKING = ("stated_zone", "zone_told", "set", "first_seen", "starts_local")


def events_of(
    parsed: ParsedFile, choices: Choices, file_name: str, default_zone: str
) -> pl.DataFrame:
    """The file's events with what the person changed; `starts_at` still in local time, and `stated_zone`,
    `zone_told` and `set` (the time, by a person) for `dated`. Rows to mend come back in UTC, whatever their
    report knew of its zone."""
    fallback = PurePath(file_name).stem.replace("_", " ").replace("-", " ").strip() or "Event"
    events = parsed.events.with_columns(
        pl.when(pl.col("name").str.strip_chars() == "")
        .then(pl.lit(fallback))
        .otherwise(pl.col("name").str.strip_chars())
        .alias("name"),
        pl.lit(parsed.source).alias("source"),
        pl.col("zone").alias("stated_zone"),
        pl.coalesce("zone", pl.lit(choices.zone or default_zone)).alias("zone"),
        zone_told=(pl.col("zone").is_not_null() & (parsed.format != TO_MEND))
        | pl.lit(choices.zone is not None),
        set=pl.lit(value=False),
    )
    said = [(pl.lit(value=True), choices.only_event)] if choices.only_event else []
    said += [(pl.col("event_ref") == int(ref), edit) for ref, edit in choices.events.items()]
    edited = reduce(_edited, said, events)
    return edited.with_columns(
        name_key=event_key(pl.col("name")),
        type=pl.coalesce("type", guess_type(pl.col("name"), parsed.format)),
    )


def event_key(name: pl.Expr) -> pl.Expr:
    """Names of events as compared: case and white space folded."""
    return name.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars().str.slice(0, 300)


def _edited(events: pl.DataFrame, edit: tuple[pl.Expr, Mapping[str, str]]) -> pl.DataFrame:
    this, wanted = edit
    changes = [
        pl.when(this).then(pl.lit(wanted[k])).otherwise(pl.col(k)).alias(k)
        for k in ("name", "type", "topic", "zone")
        if wanted.get(k)
    ]
    if wanted.get("date"):
        day = pl.lit(datetime.fromisoformat(wanted["date"]))
        time = pl.col("starts_at") - pl.col("starts_at").dt.truncate("1d")
        moved = day.cast(pl.Datetime("us")) + pl.coalesce(time, pl.duration(minutes=0))
        changes.append(pl.when(this).then(moved).otherwise(pl.col("starts_at")).alias("starts_at"))
    if wanted.get("date") or wanted.get("zone"):
        changes.append((pl.col("set") | this).alias("set"))
    if wanted.get("name"):
        before = pl.col("renamed") if "renamed" in events.columns else pl.lit(value=False)
        changes.append((before | this).alias("renamed"))
    return events.with_columns(changes)


def utc_of(local: pl.Expr, zone: str) -> pl.Expr:
    """Local clock times as UTC; a time skipped in spring counts as an hour later, as clocks do."""
    if zone == "UTC":
        return local

    def convert(moment: pl.Expr) -> pl.Expr:
        aware = moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return aware.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

    return pl.coalesce(convert(local), convert(local + pl.duration(hours=1)))


def dated(events: pl.DataFrame, rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """`starts_at` in UTC, the day in the event's own zone, and how much the file's word for it is worth.

    Where the file says none, the first to join tells. Somebody registering or ordering a ticket
    does not: that is days or weeks before, so without anything better a person is asked; not
    about an event of rejected rows alone, which is left out.
    """
    seen = (
        rows.filter(pl.col("problem").is_null())
        .group_by("event_ref")
        .agg(first_seen=pl.col("joined_at").min())
    )
    asked = pl.col("starts_at").is_not_null() | pl.col("event_ref").is_in(
        seen["event_ref"].implode()
    )
    found = events.filter(asked).join(seen, on="event_ref", how="left", maintain_order="left")
    found = found.with_columns(starts_local="starts_at")
    pieces = []
    for (zone,), part in found.group_by("zone", maintain_order=True):
        stated_utc = pl.col("stated_zone").fill_null("") == "UTC"
        starts = (
            pl.when(stated_utc)
            .then(pl.col("starts_at"))
            .otherwise(utc_of(pl.col("starts_at"), str(zone)))
        )
        known = part.with_columns(starts_at=pl.coalesce(starts, "first_seen"))
        local = pl.col("starts_at").dt.replace_time_zone("UTC").dt.convert_time_zone(str(zone))
        pieces.append(known.with_columns(held_on=local.dt.date()))
    whole = pl.concat(pieces or [found.with_columns(held_on=pl.lit(None, pl.Date))])
    return ranked(whole.sort("event_ref"), kind).drop(_WORKING)
