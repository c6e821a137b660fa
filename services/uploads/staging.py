"""From a parsed file to judged rows: times in UTC, people matched, one verdict per record. Pure."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from data.errors import BadInput
from data.tables.events import ATTENDED, CANCELLED, NO_SHOW, REGISTERED
from integrations.formats.records import OF_ATTENDANCE, UNKNOWN, ParsedFile
from services.matching.cascade import match
from services.matching.keys import person_key
from services.matching.prepared import PreparedBook
from services.uploads.records import VERDICTS, Choices, Staged
from services.uploads.staged_events import dated, events_of, utc_of

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
    with ThreadPoolExecutor(1) as pool:  # one after the other, beside what needs no verdict
        telling = pool.submit(
            _told_apart,
            parsed.rows.select(pl.col(IDENTITY).replace("", None), "title", "problem"),
        )
        matching = pool.submit(lambda: _matched(telling.result()[1].drop("code"), book))
        rows = _statuses(parsed, parsed.rows.drop(IDENTITY))
        events = events_of(parsed, choices, file_name, default_zone)
        rows = _in_utc(rows, events, choices.zone or default_zone)
        events = dated(events, rows, parsed.kind)
        rows = rows.with_columns(_numbered(*telling.result()))
        repeated = _repeated(rows)
        people = matching.result()
    if choices.only_event and events.height > 1:
        raise BadInput(
            f"The file has {events.height} events; name, type, topic and date can be given for one. "
            "Leave them out."
        )
    return Staged(parsed.kind, _judged(rows, repeated, people), people, events)


def _told_apart(named: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Row by row the code of its person, and the distinct people with theirs. `named`: IDENTITY, title, problem."""
    # Numbers group several times faster than three texts. The seed is secret: nobody can write a file
    # whose people share a number, and by chance it happens to one large file in millions.
    told = named.with_columns(code=named.select(IDENTITY).hash_rows(_SEED))
    sound = told.filter(pl.col("problem").is_null()) if told["problem"].count() else told
    first = sound["code"].arg_unique().sort()
    distinct = sound.select(*IDENTITY, "code")[first]
    titles = sound.select("code", "title").drop_nulls("title")
    titles = titles.group_by("code").agg(pl.col("title").min())
    distinct = distinct.join(titles, on="code", how="left", maintain_order="left")
    return told.select("code", "problem"), distinct


def _numbered(told: pl.DataFrame, distinct: pl.DataFrame) -> pl.Series:
    """`person`: the place among the distinct people of each row's; null where there is a problem."""
    persons = distinct.select("code").with_row_index("person")
    numbers = told.join(persons, on="code", how="left", maintain_order="left")
    sane = pl.when(pl.col("problem").is_null()).then("person")
    return numbers.select(sane.alias("person")).to_series()


def _matched(people: pl.DataFrame, book: PreparedBook) -> pl.DataFrame:
    """Distinct people with their number, key and match."""
    with ThreadPoolExecutor(1) as pool:
        keys = pool.submit(person_key, people)
        matched = match(people, book)
        keyed = people.with_row_index("person").with_columns(person_key=keys.result())
    return pl.concat([keyed, matched], how="horizontal")


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


def _repeated(rows: pl.DataFrame) -> pl.Series:
    """Where a row says what one before it said of the same person."""
    said = [fact for fact in FACTS if rows[fact].null_count() < rows.height]
    return ~rows.select("person", "event_ref", *said).hash_rows().is_first_distinct()


def _judged(rows: pl.DataFrame, repeated: pl.Series, people: pl.DataFrame) -> pl.DataFrame:
    # Most verdicts are their person's: they are worded once per person and taken by number.
    excluded = pl.col("band") == "excluded"
    told = people.select(
        keyless=pl.col("person_key").is_null(),
        excluded=excluded,
        judged=pl.col("band").replace({"automatic": "matched"}).cast(pl.Enum(VERDICTS)),
        reason=pl.when(excluded).then("reason"),
    )
    rows = rows.with_columns(told.select(pl.all().gather(rows["person"])))
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
