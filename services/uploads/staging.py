"""From a parsed file to judged rows: times in UTC, people matched, one verdict per record. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import reduce
from pathlib import PurePath

import polars as pl

from data.errors import BadInput
from data.tables.events import ATTENDED, CANCELLED, NO_SHOW, REGISTERED
from integrations.formats.records import OF_ATTENDANCE, UNKNOWN, ParsedFile
from services.matching.cascade import match
from services.matching.keys import person_key
from services.matching.prepared import PreparedBook
from services.uploads.event_types import guess_type
from services.uploads.records import VERDICTS, Choices, Staged

STATUS_CODES = {
    "attended": ATTENDED,
    "no_show": NO_SHOW,
    "registered": REGISTERED,
    "cancelled": CANCELLED,
    "declined": CANCELLED,
}
_SEED = secrets.randbits(63)
IDENTITY = ["email", "company", "name"]
FACTS = [
    "status",
    "registered_at",
    "joined_at",
    "left_at",
    "minutes",
    "questions",
    "polls",
    "downloads",
    "feedback",
    "spoke",
    "completed",
    "passed",
    "sessions",
    "detail",
]


def stage(
    parsed: ParsedFile,
    book: PreparedBook,
    choices: Choices,
    *,
    file_name: str,
    default_zone: str,
) -> Staged:
    """Judge every record of the file. The same file, book and choices always give the same result.

    BadInput when something was said of the only event of a file that has several.
    """
    named = parsed.rows.select(pl.col(IDENTITY).replace("", None), "title", "problem")
    with ThreadPoolExecutor(1) as pool:
        matching = pool.submit(_people, named, book)
        rows = _statuses(parsed, parsed.rows.drop(IDENTITY))
        events = _events(parsed, choices, file_name, default_zone)
        rows = _in_utc(rows, events, choices.zone or default_zone)
        events = _dated(events, rows)
        person, people = matching.result()
    rows = rows.with_columns(person)
    if choices.only_event and events.height > 1:
        raise BadInput(
            f"The file has {events.height} events; name, type, topic and date can be given for one. "
            "Leave them out."
        )
    return Staged(parsed.kind, _judged(rows, people), people, events)


def _people(named: pl.DataFrame, book: PreparedBook) -> tuple[pl.Series, pl.DataFrame]:
    """The number of each row's person, `person` (null where there is a problem), and the distinct people
    with their match. `named`: IDENTITY, title, problem."""
    # Numbers group several times faster than three texts. The seed is secret: nobody can write a file
    # whose people share a number, and by chance it happens to one large file in millions.
    told = named.with_columns(code=named.select(IDENTITY).hash_rows(_SEED))
    sound = told.filter(pl.col("problem").is_null()) if told["problem"].count() else told
    first = sound["code"].arg_unique().sort()
    distinct = sound.select(*IDENTITY, "code")[first]
    titles = sound.select("code", "title").drop_nulls("title")
    titles = titles.group_by("code").agg(pl.col("title").min())
    distinct = distinct.join(titles, on="code", how="left", maintain_order="left")
    persons = distinct.select("code").with_row_index("person")
    numbers = told.select("code", "problem").join(
        persons, on="code", how="left", maintain_order="left"
    )
    sane = pl.when(pl.col("problem").is_null()).then("person")
    person = numbers.select(sane.alias("person")).to_series()
    distinct = distinct.drop("code")
    del told, sound, numbers
    with ThreadPoolExecutor(1) as pool:
        keys = pool.submit(person_key, distinct)
        matched = match(distinct, book)
        keyed = distinct.with_row_index("person").with_columns(person_key=keys.result())
    return person, pl.concat([keyed, matched], how="horizontal")


def _statuses(parsed: ParsedFile, rows: pl.DataFrame) -> pl.DataFrame:
    """Words to codes. A plain list of people without any status is a list of those who came."""
    status = pl.col("status").replace_strict(STATUS_CODES, default=None, return_dtype=pl.Int8)
    present = pl.col("joined_at").is_not_null() | (pl.col("minutes") > 0)
    if parsed.kind in OF_ATTENDANCE:
        says_nothing = rows["status"].null_count() == rows.height
        fallback = pl.lit(ATTENDED, pl.Int8) if says_nothing else None
        status = pl.coalesce(
            status,
            pl.when(present).then(pl.lit(ATTENDED, pl.Int8)),
            fallback if fallback is not None else pl.lit(REGISTERED, pl.Int8),
        )
        status = pl.when((pl.col("status") != UNKNOWN).fill_null(value=True)).then(status)
    counts = []
    if parsed.kind == "qa":
        counts = [pl.col("questions").fill_null(1)]
    elif parsed.kind == "poll":
        counts = [pl.col("polls").fill_null(1)]
    return rows.with_columns(
        status.alias("status"),
        (pl.col("role") == "panelist").fill_null(value=False).alias("spoke"),
        *counts,
    )


def _events(
    parsed: ParsedFile, choices: Choices, file_name: str, default_zone: str
) -> pl.DataFrame:
    """The file's events with what the person changed; `starts_at` still in local time."""
    fallback = PurePath(file_name).stem.replace("_", " ").replace("-", " ").strip() or "Event"
    events = parsed.events.with_columns(
        pl.when(pl.col("name").str.strip_chars() == "")
        .then(pl.lit(fallback))
        .otherwise(pl.col("name").str.strip_chars())
        .alias("name"),
        pl.lit(parsed.source).alias("source"),
        pl.col("zone").alias("stated_zone"),
        pl.coalesce("zone", pl.lit(choices.zone or default_zone)).alias("zone"),
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
    if wanted.get("name"):
        before = pl.col("renamed") if "renamed" in events.columns else pl.lit(value=False)
        changes.append((before | this).alias("renamed"))
    return events.with_columns(changes)


def _in_utc(rows: pl.DataFrame, events: pl.DataFrame, default_zone: str) -> pl.DataFrame:
    """Row times from their event's zone to UTC; rows that stated a zone are there already."""
    times = ["registered_at", "joined_at", "left_at"]
    zones = (
        rows.select("event_ref")
        .join(
            events.select("event_ref", "zone"), on="event_ref", how="left", maintain_order="left"
        )["zone"]
        .fill_null(default_zone)
    )
    local = [_to_utc(name, zones) for name in times]
    return (
        rows.with_columns(zone=zones)
        .with_columns(
            pl.when("zoned").then(pl.col(name)).otherwise(expr).alias(name)
            for name, expr in zip(times, local, strict=True)
        )
        .drop("zone")
    )


def _to_utc(name: str, zones: pl.Series) -> pl.Expr:
    """A chain of one conversion per distinct zone: polars converts a column from one zone at a time."""
    chain: pl.Expr = pl.lit(None, pl.Datetime("us"))
    for zone in zones.unique().sort():
        moment = utc_of(pl.col(name), zone)
        chain = pl.when(pl.col("zone") == zone).then(moment).otherwise(chain)
    return chain


def utc_of(local: pl.Expr, zone: str) -> pl.Expr:
    """Local clock times as UTC; a time skipped in spring counts as an hour later, as clocks do."""
    if zone == "UTC":
        return local

    def convert(moment: pl.Expr) -> pl.Expr:
        aware = moment.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return aware.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

    return pl.coalesce(convert(local), convert(local + pl.duration(hours=1)))


def _dated(events: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`starts_at` in UTC, and the day in the event's own zone.

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
    pieces = []
    for (zone,), part in found.group_by("zone", maintain_order=True):
        stated_utc = pl.col("stated_zone").fill_null("") == "UTC"
        starts = (
            pl.when(stated_utc)
            .then(pl.col("starts_at"))
            .otherwise(utc_of(pl.col("starts_at"), str(zone)))
        )
        dated = part.with_columns(starts_at=pl.coalesce(starts, "first_seen"))
        local = pl.col("starts_at").dt.replace_time_zone("UTC").dt.convert_time_zone(str(zone))
        pieces.append(dated.with_columns(held_on=local.dt.date()))
    if not pieces:
        return found.with_columns(held_on=pl.lit(None, pl.Date)).drop("stated_zone", "first_seen")
    return pl.concat(pieces).sort("event_ref").drop("stated_zone", "first_seen")


def _judged(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    # Most verdicts are their person's: they are worded once per person and taken by number.
    excluded = pl.col("band") == "excluded"
    told = people.select(
        keyless=pl.col("person_key").is_null(),
        excluded=excluded,
        judged=pl.col("band").replace({"automatic": "matched"}).cast(pl.Enum(VERDICTS)),
        reason=pl.when(excluded).then("reason"),
    )
    rows = rows.with_columns(told.select(pl.all().gather(rows["person"])))
    said = [fact for fact in FACTS if rows[fact].null_count() < rows.height]
    repeated = ~rows.select("person", "event_ref", *said).hash_rows().is_first_distinct()
    problem = pl.coalesce(
        pl.col("problem"),
        pl.when(pl.col("keyless").fill_null(value=True)).then(
            pl.lit("Neither an e-mail address nor a name: add one and upload the row again")
        ),
    )
    staff = pl.col("role").is_in(["host", "staff"]).fill_null(value=False)
    verdict = pl.Enum(VERDICTS)
    noted = rows["note"].null_count() < rows.height
    note = [pl.when(problem.is_null()).then("note").alias("note")] if noted else []
    return rows.with_columns(
        *note,
        verdict=pl.when(problem.is_not_null())
        .then(pl.lit("rejected", verdict))
        .when(staff | pl.col("excluded"))
        .then(pl.lit("excluded", verdict))
        .when(repeated)
        .then(pl.lit("duplicate", verdict))
        .otherwise("judged"),
        reason=pl.when(problem.is_not_null())
        .then(problem)
        .when(staff)
        .then(pl.lit("Host or staff of the event, not a customer's attendance"))
        .when(pl.col("excluded"))
        .then("reason")
        .when(repeated)
        .then(pl.lit("The same row stands earlier in the file")),
    ).select(
        "line",
        "person",
        "event_ref",
        "verdict",
        "reason",
        *(["note"] if noted else []),
        *FACTS,
        "raw",
    )
