"""What is said about a row: notes on one that is kept, the problem of one that is not."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import and_

import polars as pl

from integrations.formats import values
from integrations.formats.records import UNKNOWN
from integrations.formats.tables import MAX_CELL

TEXTS = ("name", "company", "title", "sessions", "country", "detail")
_LONGEST = {"detail": MAX_CELL, "sessions": MAX_CELL}
_SHOWN = 40
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
NO_IDENTITY = "This row has neither a name nor an email address."

_WRONG_DAY = "The date “"
WRONG_DAY = rf"(?s)^{_WRONG_DAY}(.*)” (?:cannot be read|is none on)"
"""A reason that is the row's own day, and what stands there in place of one."""
NO_DAY = "This row says no day, and in this file the day tells which event it is of: add it."

_WRITE = "write attended, no-show, registered or cancelled"
_LISTED = 8

_EVENTS_NAMED = 5
_DAY = "%Y-%m-%d"
_OTHER_DAY = "{} counts as a day of the event of {}"
_LENGTH = "the time there, “{}”, could not be read"

Remark = tuple[pl.Series, "pl.Expr | str"]


def says_no_day() -> pl.Expr:
    """Whether `reason` is NO_DAY, alone or with what was noted of the row besides."""
    return pl.col("reason").fill_null("").str.starts_with(NO_DAY.removesuffix("."))


def notes(
    rows: pl.DataFrame,
    fields: pl.DataFrame,
    text: dict[str, pl.Series],
    unread: dict[str, pl.Series],
) -> pl.Series:
    """What a CSM should know about a row that is kept all the same."""
    remarks: list[Remark] = []
    if "note" in fields.columns:
        remarks.append((fields["note"].is_not_null(), pl.lit(fields["note"])))
    if "status" in text:
        shown = pl.lit(text["status"]).cast(pl.Utf8).str.slice(0, _SHOWN)
        counts = pl.when(pl.col("status") == "attended").then(pl.lit(": the time there counts"))
        words = pl.format("the status “{}” is not known{}", shown, counts.otherwise(pl.lit("")))
        remarks.append((rows["unknown"], words))
    remarks.append((rows["backwards"], "leaves before joining; the leave time was dropped"))
    remarks.extend(_unread_times(rows, fields, unread))
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


def _unread_times(
    rows: pl.DataFrame, fields: pl.DataFrame, unread: dict[str, pl.Series]
) -> list[Remark]:
    remarks: list[Remark] = [
        (unread[column] & ~rows["backwards"], f"the {what} time could not be read")
        for column, what in (("joined_at", "join"), ("left_at", "leave"))
        if column in unread
    ]
    if "minutes" in fields.columns:
        told = pl.format(_LENGTH, pl.lit(fields["minutes"]).str.slice(0, _SHOWN))
        remarks.append((_unread_minutes(rows, fields), told))
    return remarks


def problems(
    rows: pl.DataFrame,
    fields: pl.DataFrame,
    text: dict[str, pl.Series],
    unread: dict[str, pl.Series],
) -> pl.Series:
    """Why a row cannot be used, in words; null for a good one."""
    reasons: list[Remark] = [(fields["flaw"].is_not_null(), pl.lit(fields["flaw"]))]
    if "problem" in fields.columns:
        reasons.append((fields["problem"].is_not_null(), pl.lit(fields["problem"])))
    # A day that cannot be read must not pass for the day the other rows say; so it is said before all else.
    reasons.extend(
        (unread[c], pl.lit(_undated(text[c], unread[c])))
        for c in ("date", "event_start")
        if c in unread and unread[c].any()
    )
    absent = [rows[c].is_null() for c in ("name", "email") if c in rows.columns]
    nobody = reduce(and_, absent) if absent else pl.repeat(True, rows.height, eager=True)  # noqa: FBT003
    reasons.append((nobody, NO_IDENTITY))
    if "event" in text:
        reasons.append((text["event"].is_null(), "This row names no event."))
    reasons.append((rows["event_ref"].is_null(), NO_DAY))
    if "status" in text:
        lost = (rows["status"] == UNKNOWN).fill_null(value=False)
        shown = pl.lit(text["status"]).cast(pl.Utf8).str.slice(0, _SHOWN)
        reasons.append((lost, pl.format(f"The status “{{}}” is not known: {_WRITE}.", shown)))
    for column in (*TEXTS, "email"):
        if column in rows.columns:
            long = rows[column].str.len_bytes() > _LONGEST.get(column, 1_000)
            reasons.append((long, f"The {column} of this row is too long to be one."))
    said = _said(reasons)
    return rows.select(pl.coalesce(said)).to_series() if said else _silence(rows)


def unknown_words(rows: pl.DataFrame, text: dict[str, pl.Series]) -> tuple[str, ...]:
    """For the whole file: which words for a status are not known, how often each, and what follows."""
    if "status" not in text or not rows["unknown"].any():
        return ()
    where = rows["unknown"].arg_true()
    lost = int((rows["status"].gather(where) == UNKNOWN).sum())
    found = text["status"].gather(where).cast(pl.Utf8).str.slice(0, _SHOWN).alias("word").to_frame()
    counted = found.group_by("word").len("n").sort("n", "word", descending=[True, False])
    listed = ", ".join(f"“{word}” ({n:,})" for word, n in counted.head(_LISTED).iter_rows())
    more = counted.height - _LISTED
    listed += f" and {more:,} more" if more > 0 else ""
    kept = len(where) - lost
    after = []
    if lost:
        after.append(
            f"{_rows(lost, 'is', 'are')} rejected for it: say what it means, or {_WRITE} instead"
        )
    if kept:
        after.append(
            f"{_rows(kept, 'counts', 'count')} as attended by the time {'it states' if kept == 1 else 'they state'}"
        )
    return (f"Not known in the column of statuses: {listed}. {'; '.join(after)}.",)


def unread_minutes(rows: pl.DataFrame, fields: pl.DataFrame) -> tuple[str, ...]:
    """For the whole file: which lengths of time cannot be read, and of how many rows."""
    lost = _unread_minutes(rows, fields).arg_true()
    if lost.is_empty():
        return ()
    found = fields["minutes"].gather(lost).str.strip_chars().str.slice(0, _SHOWN)
    counted = found.alias("word").to_frame().group_by("word").len("n")
    counted = counted.sort("n", "word", descending=[True, False]).head(_LISTED)
    listed = ", ".join(f"“{word}” ({n:,})" for word, n in counted.iter_rows())
    return (
        f"How long somebody was there cannot be read in {_rows(len(lost), '', '').strip()}: {listed}. Write minutes, "
        "or hours and minutes as 1:05.",
    )


def _unread_minutes(rows: pl.DataFrame, fields: pl.DataFrame) -> pl.Series:
    none = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)  # noqa: FBT003
    if "minutes" not in fields.columns:
        return none
    told = (fields["minutes"].str.len_bytes() > 0) & rows["minutes"].is_null()
    odd = told.arg_true()
    if odd.is_empty():
        return none
    said = values.filled(fields.select(pl.col("minutes").gather(odd)), "minutes")
    return none.scatter(odd, said)


def _rows(count: int, one: str, many: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {many}"


def several_days(
    rows: pl.DataFrame, events: pl.DataFrame, day: pl.Series
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Rows whose `day` is another than their event's say so in a note; for the whole file, which days are one
    event."""
    refs = rows["event_ref"]
    held = events.sort("event_ref")["starts_at"].dt.date().gather(refs)
    odd = (day != held).fill_null(value=False).arg_true()
    if odd.is_empty():
        return rows, ()
    strays = pl.DataFrame(
        [s.gather(odd) for s in (refs, rows["note"], day.alias("day"), held.alias("held"))]
    )
    words = pl.format(_OTHER_DAY, *(pl.col(c).dt.to_string(_DAY) for c in ("day", "held")))
    note = strays.select(
        pl.concat_str("note", words, separator="; ", ignore_nulls=True)
    ).to_series()
    rows = rows.with_columns(note=rows["note"].clone().scatter(odd, note))
    days = pl.concat([strays.select("event_ref", "day"), strays.select("event_ref", day="held")])
    told = days.group_by("event_ref").agg(pl.col("day").unique().sort()).sort("event_ref")
    told = told.join(events.select("event_ref", "name"), on="event_ref", maintain_order="left")
    first = told.head(_EVENTS_NAMED).select("name", "day").iter_rows()
    listed = [_one_event(name, days) for name, days in first]
    if (more := told.height - _EVENTS_NAMED) > 0:
        listed.append(f"{more:,} more of its events are on several days.")
    return rows, tuple(listed)


def _one_event(name: str, days: list[date]) -> str:
    listed = ", ".join(f"{one:%Y-%m-%d}" for one in days[:_LISTED])
    more = f" and {len(days) - _LISTED} more" if len(days) > _LISTED else ""
    return (
        f"“{name}” counts as one event on {listed}{more}: days at most three apart are one. If each is an event of "
        "its own, give them names of their own."
    )


def _undated(texts: pl.Series, unread: pl.Series) -> pl.Series:
    """The words for each unread date; made for those rows alone."""
    where = unread.arg_true()
    bad = texts.gather(where).cast(pl.Utf8).str.slice(0, _SHOWN).alias("bad").to_frame()
    written = pl.col("bad").str.contains(r"^\d{4}-\d{2}-\d{2}\b")
    words = bad.select(
        pl.when(written)
        .then(pl.format(_WRONG_DAY + "{}” is none on which an event can be: correct it.", "bad"))
        .otherwise(pl.format(_WRONG_DAY + "{}” cannot be read: write it as 2026-05-05.", "bad"))
    ).to_series()
    none = pl.repeat(None, len(texts), dtype=pl.Utf8, eager=True)
    return none.scatter(where, words)


def _said(remarks: list[Remark]) -> list[pl.Expr]:
    """Only remarks that concern some row: a text per row for nothing is what takes the time."""
    return [
        pl.when(pl.lit(where)).then(pl.lit(words) if isinstance(words, str) else words)
        for where, words in remarks
        if where.any()
    ]


def _silence(rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(None, rows.height, dtype=pl.Utf8, eager=True)
