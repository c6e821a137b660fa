"""The one normaliser: canonical text columns of any layout in, events and rows out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import and_
from typing import NamedTuple

import polars as pl

from integrations.formats import values
from integrations.formats.events import EventFacts, Moments, named_events, one_event
from integrations.formats.records import ROW_SCHEMA
from integrations.formats.tables import MAX_CELL
from integrations.formats.times import DayOrder, decide_order, read_times, to_utc

_TIMES = ("registered_at", "joined_at", "left_at", "date", "event_start")
_TEXTS = ("name", "company", "title", "sessions", "country", "detail")
_CALLED = ("name", "first_name", "last_name", "company")
_LONGEST = {"detail": MAX_CELL, "sessions": MAX_CELL}
_BOTS = [
    "notetaker",
    "note taker",
    "otter.ai",
    "read.ai",
    "fireflies",
    "fathom",
    "meeting notes",
    "tl;dv",
]
_NUMBERS = {
    "questions": (values.count, pl.Int32),
    "polls": (values.count, pl.Int32),
    "downloads": (values.count, pl.Int32),
    "feedback": (values.number, pl.Float32),
    "minutes": (values.minutes, pl.Float32),
    "completed": (values.flag, pl.Boolean),
    "passed": (values.flag, pl.Boolean),
}
NO_IDENTITY = "This row has neither a name nor an email address."


@dataclass(frozen=True)
class Facts:
    """What a layout knows beyond its cells.

    `event` is set for one-event reports; otherwise the event column (or nothing) decides.
    `zone` is the zone of times that state none. `month_first`: the vendor always writes m/d.
    """

    event: EventFacts | None = None
    event_type: str | None = None
    zone: str | None = None
    column_zones: dict[str, str] = field(default_factory=dict[str, str])
    month_first: bool | None = None
    day_first: bool | None = None
    present_means_attended: bool = False


class Assembled(NamedTuple):
    events: pl.DataFrame
    rows: pl.DataFrame
    order: DayOrder


def assemble(fields: pl.DataFrame, facts: Facts) -> Assembled:
    """`fields`: line UInt32, flaw Utf8, and any canonical columns as text (see fields.ATTENDANCE),
    plus role, detail, completed, passed, note. Rows come back in the same order and number."""
    cells = fields.drop("line", "flaw", "note", "raw", "problem", strict=False)
    text = values.tidy(cells.drop(_NUMBERS, strict=False), keep_marks=_CALLED)
    with ThreadPoolExecutor(1) as aside:  # polars lets go of the lock; two columns at a time
        numbers = aside.submit(_numbers, cells)
        moments, start, order = _moments(text, facts)
        events, refs = _events(text, moments, start, facts, fields.height)
        people = _people(text, fields.height)
        rows = pl.DataFrame(
            {
                "line": fields["line"],
                "event_ref": refs,
                **people,
                **_times(moments),
                **numbers.result(),
            }
        )
    rows = rows.with_columns(_status(rows, text, facts))
    rows = rows.with_columns(note=_notes(rows, fields, text), problem=_problems(rows, fields, text))
    rows = rows.drop("unknown", "backwards")
    missing = [
        pl.lit(None, dtype=t).alias(c) for c, t in ROW_SCHEMA.items() if c not in rows.columns
    ]
    rows = (
        rows.with_columns(missing)
        .with_columns(pl.col("zoned").fill_null(value=False))
        .select(pl.col(c).cast(t) for c, t in ROW_SCHEMA.items())
    )
    return Assembled(events, rows, order)


def _moments(
    text: dict[str, pl.Series], facts: Facts
) -> tuple[dict[str, Moments], Moments | None, DayOrder]:
    columns = {c: text[c] for c in _TIMES if c in text}
    given = facts.event.starts_at if facts.event else None
    start = pl.Series([given], dtype=pl.Utf8)
    fixed = None if facts.month_first is None else not facts.month_first
    order = decide_order([*columns.values(), start], told=facts.day_first, fixed=fixed)
    found = {
        c: _placed(read_times(s, order), facts.column_zones.get(c, facts.zone))
        for c, s in columns.items()
    }
    opening = _placed(read_times(start, order), None) if given else None
    return found, opening, order


def _placed(read: pl.DataFrame, zone: str | None) -> Moments:
    """Wall-clock times moved to UTC where the column or file names their zone; days stay put."""
    when, zoned, dated = read["when"], read["zoned"], read["dated"]
    local = (~zoned & ~dated & when.is_not_null()).arg_true()
    if zone is None or local.is_empty():
        return Moments(when, zoned, dated)
    return Moments(
        when.scatter(local, to_utc(when.gather(local), zone)), zoned.scatter(local, True), dated
    )


def _events(
    text: dict[str, pl.Series],
    moments: dict[str, Moments],
    start: Moments | None,
    facts: Facts,
    rows: int,
) -> tuple[pl.DataFrame, pl.Series]:
    if facts.event is None and "event" in text:
        held = next(
            (moments[c] for c in ("event_start", "date", "joined_at") if c in moments), None
        )
        return named_events(text, held, facts.event_type)
    if start is None:
        start = _first_start(text, moments)
    event = facts.event or EventFacts(type=facts.event_type)
    return one_event(event, start, rows)


def _first_start(text: dict[str, pl.Series], moments: dict[str, Moments]) -> Moments | None:
    """A file without an event name still tells when: the same rule as for named events."""
    held = next((moments[c] for c in ("event_start", "date", "joined_at") if c in moments), None)
    if held is None:
        return None
    name = pl.repeat("-", len(held.when), eager=True).alias("event")
    events, _ = named_events({"event": name}, held, None)
    if events.is_empty():
        return None
    first = events.head(1)
    return Moments(first["starts_at"], first["zone"].is_not_null(), first["zone"].is_null())


def _people(text: dict[str, pl.Series], height: int) -> dict[str, pl.Series]:
    found = {c: text[c] for c in _TEXTS if c in text}
    parts = [text[c].alias(c) for c in ("first_name", "last_name") if c in text]
    if parts:
        # Surnames alone are no name, but better than nothing when the name column is blank.
        joined = (
            pl.DataFrame(parts)
            .select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True).replace("", None))
            .to_series()
        )
        found["name"] = found["name"].fill_null(joined) if "name" in found else joined
    if "email" in text:
        found["email"] = values.email(text["email"])
    if "role" in text:
        found["role"] = values.by_distinct(text["role"], values.role, pl.Utf8)
    found["role"] = found.get("role", pl.repeat(None, height, dtype=pl.Utf8, eager=True)).fill_null(
        "attendee"
    )
    return {name: series.alias(name) for name, series in found.items()}


def _times(moments: dict[str, Moments]) -> dict[str, pl.Series]:
    """registered_at, joined_at, left_at in one frame of reference per row, and zoned."""
    joined = moments.get("joined_at")
    if joined is None and "date" in moments:
        date = moments["date"]
        joined = Moments(date.when.zip_with(~date.dated, _nulls(date.when)), date.zoned, date.dated)
    found = {
        "joined_at": joined,
        "left_at": moments.get("left_at"),
        "registered_at": moments.get("registered_at"),
    }
    known = {name: column for name, column in found.items() if column is not None}
    frame = pl.DataFrame(
        [c.when.alias(n) for n, c in known.items()]
        + [c.zoned.alias(f"{n}?") for n, c in known.items()]
    )
    names = list(known)
    if not names:
        return {}
    zoned = pl.coalesce(
        *(pl.when(pl.col(c).is_not_null()).then(pl.col(f"{c}?")) for c in names),
        pl.lit(value=False),
    )
    frame = frame.with_columns(zoned=zoned)
    # Times of one row never mix UTC and wall clock: the odd one out is dropped.
    frame = frame.with_columns(
        pl.when(pl.col(f"{c}?") == pl.col("zoned")).then(c).alias(c) for c in names
    )
    return {c: frame[c] for c in (*names, "zoned")}


def _nulls(like: pl.Series) -> pl.Series:
    return pl.repeat(None, len(like), dtype=like.dtype, eager=True)


def _numbers(cells: pl.DataFrame) -> dict[str, pl.Series]:
    found = {
        c: values.by_distinct(cells[c], partial(values.unguarded, understand), dtype)
        for c, (understand, dtype) in _NUMBERS.items()
        if c in cells.columns
    }
    none = pl.repeat(None, cells.height, dtype=pl.Float32, eager=True)
    return {"minutes": none.alias("minutes"), **found}


def _status(rows: pl.DataFrame, text: dict[str, pl.Series], facts: Facts) -> list[pl.Expr]:
    """status, minutes, left_at and the two flags the notes are written from."""
    timed = {"joined_at", "left_at"} <= set(rows.columns)
    span = (
        (pl.col("left_at") - pl.col("joined_at")).dt.total_seconds() / 60
        if timed
        else pl.lit(None, dtype=pl.Float64)
    )
    backwards = (span < 0).fill_null(value=False)
    minutes = pl.coalesce("minutes", pl.when(~backwards).then(span))
    stayed = (minutes > 0).fill_null(value=False)
    if "joined_at" in text:
        stayed = stayed | pl.col("joined_at").is_not_null()
    if facts.present_means_attended:
        stayed = pl.lit(value=True)
    said = values.by_distinct(text["status"], values.status, pl.Utf8) if "status" in text else None
    told = pl.lit(None, dtype=pl.Utf8) if said is None else pl.lit(said)
    blank = pl.lit(value=True) if said is None else pl.lit(text["status"].is_null())
    exprs = [
        pl.coalesce(told, pl.when(blank & stayed).then(pl.lit("attended"))).alias("status"),
        minutes.cast(pl.Float32).alias("minutes"),
        (
            pl.lit(value=False)
            if said is None
            else pl.lit(said.is_null() & text["status"].is_not_null())
        ).alias("unknown"),
        backwards.alias("backwards"),
    ]
    if timed:
        exprs.append(pl.when(~backwards).then("left_at").alias("left_at"))
    return exprs


Remark = tuple[pl.Series, "pl.Expr | str"]


def _notes(rows: pl.DataFrame, fields: pl.DataFrame, text: dict[str, pl.Series]) -> pl.Series:
    """What a CSM should know about a row that is kept all the same."""
    remarks: list[Remark] = []
    if "note" in fields.columns:
        remarks.append((fields["note"].is_not_null(), pl.lit(fields["note"])))
    if "status" in text:
        shown = pl.lit(text["status"]).str.slice(0, 40)
        remarks.append((rows["unknown"], pl.format('status "{}" is not known', shown)))
    remarks.append((rows["backwards"], "leaves before joining; the leave time was dropped"))
    for column, what in (("joined_at", "join"), ("left_at", "leave")):
        if column in text:
            lost = text[column].is_not_null() & rows[column].is_null() & ~rows["backwards"]
            remarks.append((lost, f"the {what} time could not be read"))
    if "email" in text:
        lost = rows["email"].is_null() & text["email"].is_not_null()
        remarks.append((lost, "the email address cannot be used"))
    if "name" in rows.columns:
        remarks.append(
            (
                rows["name"].str.contains_any(_BOTS, ascii_case_insensitive=True),
                "looks like a note-taking bot",
            )
        )
    said = _said(remarks)
    if not said:
        return _silence(rows)
    joined = pl.concat_str(said, separator="; ", ignore_nulls=True)
    return rows.select(pl.when(joined != "").then(joined)).to_series()


def _problems(rows: pl.DataFrame, fields: pl.DataFrame, text: dict[str, pl.Series]) -> pl.Series:
    """Why a row cannot be used, in words; null for a good one."""
    reasons: list[Remark] = [(fields["flaw"].is_not_null(), pl.lit(fields["flaw"]))]
    if "problem" in fields.columns:
        reasons.append((fields["problem"].is_not_null(), pl.lit(fields["problem"])))
    absent = [rows[c].is_null() for c in ("name", "email") if c in rows.columns]
    nobody = reduce(and_, absent) if absent else pl.repeat(True, rows.height, eager=True)  # noqa: FBT003
    reasons.append((nobody, NO_IDENTITY))
    if "event" in text:
        reasons.append((rows["event_ref"].is_null(), "This row names no event."))
    for column in (*_TEXTS, "email"):
        if column in rows.columns:
            long = rows[column].str.len_bytes() > _LONGEST.get(column, 1_000)
            reasons.append((long, f"The {column} of this row is too long to be one."))
    said = _said(reasons)
    return rows.select(pl.coalesce(said)).to_series() if said else _silence(rows)


def _said(remarks: list[Remark]) -> list[pl.Expr]:
    """Only remarks that concern some row: a text per row for nothing is what takes the time."""
    return [
        pl.when(pl.lit(where)).then(pl.lit(words) if isinstance(words, str) else words)
        for where, words in remarks
        if where.any()
    ]


def _silence(rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(None, rows.height, dtype=pl.Utf8, eager=True)
