"""The one normaliser: canonical text columns of any layout in, events and rows out."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from integrations.formats import status_words, values
from integrations.formats.coming import Telling, coming
from integrations.formats.events import (
    EventFacts,
    Moments,
    named_events,
    one_event,
    unnamed_events,
)
from integrations.formats.numbers import NUMBERS, read_numbers
from integrations.formats.records import ROW_SCHEMA
from integrations.formats.remarks import (
    TEXTS,
    notes,
    problems,
    several_days,
    unknown_words,
    unread_minutes,
)
from integrations.formats.times import DayOrder, decide_order, read_times, to_utc

_TIMES = ("registered_at", "joined_at", "left_at", "date", "event_start", "event_end")
_LONGEST_DAY = 24 * 60
"""Minutes: what ends later is over several days, of which nobody is there all the time."""
_REPEATED = ("event", "event_id", "event_type", "status", "role")
_CALLED = ("name", "first_name", "last_name", "company")


@dataclass(frozen=True)
class Facts:
    """What a layout knows beyond its cells.

    `event` is set for one-event reports; otherwise the event column (or nothing) decides.
    `zone` is the zone of times that state none. `month_first`: the vendor always writes m/d; `local_times`:
    it writes times as the country of whoever asked for the report does. `self_paced`: people finish an event
    on their own day. `series`: rows without an event's name may still be of several. `settled`: a status stands
    as it is, whatever times are told beside it. `statuses`: what somebody said that words for a status mean.
    """

    event: EventFacts | None = None
    event_type: str | None = None
    zone: str | None = None
    column_zones: dict[str, str] = field(default_factory=dict[str, str])
    month_first: bool | None = None
    local_times: bool = False
    day_first: bool | None = None
    present_means_attended: bool = False
    self_paced: bool = False
    series: bool = False
    settled: bool = False
    statuses: Mapping[str, str] = field(default_factory=dict[str, str])


class Assembled(NamedTuple):
    events: pl.DataFrame
    rows: pl.DataFrame
    order: DayOrder
    warnings: tuple[str, ...] = ()
    status_words: tuple[status_words.Word, ...] = ()


UNNAMED_EVENTS = (
    "No column names the events of this file, so each type and day counts as an event of its own. Look at the "
    "events below, or say which column names them."
)


def assemble(fields: pl.DataFrame, facts: Facts, *, judging: bool = True) -> Assembled:
    """`fields`: line UInt32, flaw Utf8, and any canonical columns as text (see fields.ATTENDANCE),
    plus role, detail, completed, passed, note. Rows come back in the same order and number. `judging`:
    they say who came, so a status that is not known cannot pass."""
    cells = fields.drop("line", "flaw", "note", "raw", "problem", strict=False)
    text = values.tidy(cells.drop(NUMBERS, strict=False), keep_marks=_CALLED, repeated=_REPEATED)
    # A column that says nothing is no column: not an unknown event, nor an unreported status.
    text = {name: column for name, column in text.items() if column.null_count() < len(column)}
    with ThreadPoolExecutor(1) as aside:  # polars lets go of the lock; two columns at a time
        people = aside.submit(_people, text, fields.height)
        numbers = aside.submit(read_numbers, cells)
        moments, start, order = _moments(text, facts)
        text = text | _lengths(text, moments)
        events, refs = _events(text, moments, start, facts, fields.height)
        rows = pl.DataFrame(
            {
                "line": fields["line"],
                "event_ref": refs,
                **people.result(),
                **_times(moments),
                **numbers.result(),
            }
        )
    how = Telling(
        present=facts.present_means_attended,
        settled=facts.settled or facts.self_paced,
        judging=judging,
        answers=facts.statuses,
    )
    rows = rows.with_columns(coming(rows, fields, text, how))
    words = _asked(rows, text, facts) if judging else ()
    unread = _unread(text, moments)
    rows = rows.with_columns(
        note=notes(rows, fields, text, unread), problem=problems(rows, fields, text, unread)
    )
    warnings = (*unknown_words(rows, text), *unread_minutes(rows, fields)) if judging else ()
    day = _day(moments) if judging and facts.series and not facts.self_paced else None
    if day is not None and "event" in text:
        rows, days = several_days(rows, events, day)
        warnings = (*warnings, *days)
    rows = rows.drop("asked", "unknown", "backwards")
    if bool(fields["flaw"].is_not_null().any()):
        rows = rows.with_columns(status=pl.when(fields["flaw"].is_null()).then("status"))
    missing = [
        pl.lit(None, dtype=t).alias(c) for c, t in ROW_SCHEMA.items() if c not in rows.columns
    ]
    rows = (
        rows.with_columns(missing)
        .with_columns(pl.col("zoned").fill_null(value=False))
        .select(pl.col(c).cast(t) for c, t in ROW_SCHEMA.items())
    )
    unnamed = facts.event is None and "event" not in text and events.height > 1
    warnings = (*warnings, UNNAMED_EVENTS) if unnamed else warnings
    return Assembled(events, rows, order, warnings, words)


def _asked(
    rows: pl.DataFrame, text: dict[str, pl.Series], facts: Facts
) -> tuple[status_words.Word, ...]:
    where = rows["asked"].arg_true()
    if where.is_empty():
        return ()
    return status_words.asked(text["status"].gather(where), facts.statuses)


def _moments(
    text: dict[str, pl.Series], facts: Facts
) -> tuple[dict[str, Moments], Moments | None, DayOrder]:
    columns = {c: text[c] for c in _TIMES if c in text}
    given = facts.event.starts_at if facts.event else None
    start = pl.Series([given], dtype=pl.Utf8)
    fixed = None if facts.month_first is None else not facts.month_first
    order = decide_order(
        [*columns.values(), start], told=facts.day_first, fixed=fixed, local=facts.local_times
    )
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
        when.scatter(local, to_utc(when.gather(local), zone)), zoned.scatter(local, [True]), dated
    )


def _events(
    text: dict[str, pl.Series],
    moments: dict[str, Moments],
    start: Moments | None,
    facts: Facts,
    rows: int,
) -> tuple[pl.DataFrame, pl.Series]:
    held = _held(moments)
    if facts.event is None and "event" in text:
        return named_events(text, held, facts.event_type, self_paced=facts.self_paced)
    daily = bool(moments.keys() & {"event_start", "date"})
    if facts.event is None and rows and (facts.series or daily or "event_id" in text):
        return unnamed_events(text, held, facts.event_type, rows, daily=daily)
    if start is None and held is not None:
        start = _first_start(held)
    event = facts.event or EventFacts(type=facts.event_type)
    return one_event(event, start, rows)


def _lengths(text: dict[str, pl.Series], moments: dict[str, Moments]) -> dict[str, pl.Series]:
    """How long events were, from where they begin and end, as a column of text; none where it is told."""
    begins, ends = moments.get("event_start"), moments.get("event_end")
    if "event_minutes" in text or begins is None or ends is None:
        return {}
    apart = (ends.when - begins.when).dt.total_minutes()
    sound = (begins.zoned == ends.zoned) & ~(begins.dated | ends.dated)
    sound &= apart.is_between(1, _LONGEST_DAY).fill_null(value=False)
    known = apart.zip_with(sound, pl.repeat(None, len(apart), dtype=apart.dtype, eager=True))
    return {} if known.null_count() == len(known) else {"event_minutes": known.cast(pl.Utf8)}


def _held(moments: dict[str, Moments]) -> Moments | None:
    """The column that tells best when an event was held."""
    return next((moments[c] for c in ("event_start", "date", "joined_at") if c in moments), None)


def _day(moments: dict[str, Moments]) -> pl.Series | None:
    """The day that each row says its event was on."""
    held = next((moments[c] for c in ("event_start", "date") if c in moments), None)
    return None if held is None else held.when.dt.date()


def _first_start(held: Moments) -> Moments | None:
    """When the one event of a report began: the same rule as for named events."""
    name = pl.repeat("-", len(held.when), eager=True).alias("event")
    events, _ = named_events({"event": name}, held, None, self_paced=True)
    if events.is_empty():
        return None
    return Moments(events["starts_at"], events["zone"].is_not_null(), events["zone"].is_null())


def _people(text: dict[str, pl.Series], height: int) -> dict[str, pl.Series]:
    found = {c: text[c] for c in TEXTS if c in text}
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


def _unread(text: dict[str, pl.Series], moments: dict[str, Moments]) -> dict[str, pl.Series]:
    """Where a time was written that is none."""
    return {c: text[c].is_not_null() & m.when.is_null() for c, m in moments.items()}


def _nulls(like: pl.Series) -> pl.Series:
    return pl.repeat(None, len(like), dtype=like.dtype, eager=True)
