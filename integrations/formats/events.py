"""Which event each row belongs to, and when that event was held."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from integrations.formats import durations, values
from integrations.formats.occasions import (
    ANOTHER_DAY,
    NEXT_OF_SERIES,
    split_by_day,
    split_by_number,
)
from integrations.formats.records import EVENT_SCHEMA

UNNAMED = "Event"
"""What an event is called of which a file tells neither name nor type."""
_FACTS = ("event_type", "topic", "event_id", "event_minutes")


@dataclass(frozen=True)
class EventFacts:
    """The one event a report is about, as its preamble tells. `starts_at` is text, as found."""

    name: str = ""
    source_event_id: str | None = None
    type: str | None = None
    topic: str | None = None
    starts_at: str | None = None
    zone: str | None = None
    minutes: float | None = None
    polls_asked: int | None = None


@dataclass(frozen=True)
class Moments:
    """Times of one column: see times.read_times. `zoned` ones are UTC."""

    when: pl.Series
    zoned: pl.Series
    dated: pl.Series


def digits(text: str | None) -> str | None:
    """An event number without blanks and dashes ('845 2210 9137' -> '84522109137')."""
    if not text:
        return None
    plain = text.replace(" ", "").replace("-", "").replace("\u00a0", "")
    return plain if plain.isdigit() else text.strip() or None


def one_event(
    facts: EventFacts, start: Moments | None, rows: int
) -> tuple[pl.DataFrame, pl.Series]:
    """The event frame of a one-event report, and event_ref 0 for all of its rows."""
    stated = start is not None and bool(start.zoned.first())
    frame = pl.DataFrame(
        {
            "event_ref": [0],
            "source_event_id": [digits(facts.source_event_id)],
            "name": [" ".join(facts.name.split())],
            "type": [values.type_from_name(facts.name) or facts.type],
            "topic": [facts.topic],
            "starts_at": [start.when.first() if start is not None else None],
            "zone": ["UTC" if stated else facts.zone],
            "duration_minutes": [facts.minutes],
            "polls_asked": [facts.polls_asked],
        },
        schema=EVENT_SCHEMA,
    )
    return frame, pl.repeat(0, rows, dtype=pl.UInt32, eager=True)


def named_events(
    texts: dict[str, pl.Series],
    held: Moments | None,
    default_type: str | None,
    *,
    self_paced: bool = False,
) -> tuple[pl.DataFrame, pl.Series]:
    """One event per distinct name, case and blanks folded; `texts` holds event, event_type, …

    A name is several events where its rows name several event ids, or more than three days lie
    between: a monthly user group keeps its name. Not so of `self_paced` courses, which people
    finish on their own day. Held on: the day most rows say, and the earliest time of that day,
    which is right for an event's start and for join times alike (a re-join does not move it). The
    start is not rounded. A row without a day belongs to none where its name is several events.
    """
    keys, names = _fold(texts["event"])
    frame = _with_facts(keys, texts, held)
    if not self_paced:
        frame, names = split_by_number(frame, names)
    days = _days(frame)
    if not self_paced:
        frame, days, names = split_by_day(frame, days, names, NEXT_OF_SERIES, strays=False)
    return _describe(frame, days, names, default_type), frame["key"]


def unnamed_events(
    texts: dict[str, pl.Series],
    held: Moments | None,
    default_type: str | None,
    rows: int,
    *,
    daily: bool,
) -> tuple[pl.DataFrame, pl.Series]:
    """The events of a file that names none: one per event id where every row has one, else per type of
    event and, if `daily`, day. They are called by type and day; a single one of no stated type has no name.

    Rows that say no day, where others of their type say several, belong to none.
    """
    called = _type_words(texts)
    numbers = texts.get("event_id")
    numbered = numbers is not None and numbers.null_count() == 0
    label = pl.repeat(None, rows, dtype=pl.Utf8, eager=True) if called is None else called
    keys, names = _fold(numbers if numbered and numbers is not None else label.fill_null(UNNAMED))
    frame = _with_facts(keys, texts, held).with_columns(label=label)
    days = _days(frame)
    told_by_day = daily and not numbered
    rule = ANOTHER_DAY if told_by_day else NEXT_OF_SERIES
    frame, days, names = split_by_day(frame, days, names, rule, strays=not told_by_day)
    events = _describe(frame, days, names, default_type)
    return _called_by_day(events, frame), frame["key"]


def _fold(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Row -> number of its event, and that number's most frequent spelling."""
    given = texts.alias("text").to_frame().drop_nulls()
    counted = given.group_by("text", maintain_order=True).agg(n=pl.len())
    if counted.is_empty():
        none = pl.repeat(None, len(texts), dtype=pl.UInt32, eager=True)
        return none, pl.DataFrame(schema={"key": pl.UInt32, "name": pl.Utf8})
    order = counted["text"].cast(pl.Utf8).to_list()
    folded: dict[str, int] = {}
    spelled = [" ".join(t.split()) for t in order]
    numbers = [folded.setdefault(s.casefold(), len(folded)) for s in spelled]
    table = pl.DataFrame(
        {"name": spelled, "key": pl.Series(numbers, dtype=pl.UInt32), "n": counted["n"]}
    )
    best = (
        table.group_by("key", "name", maintain_order=True)
        .agg(pl.col("n").sum())
        .sort("n", descending=True, maintain_order=True)
        .unique("key", keep="first", maintain_order=True)
    )
    keys = values.by_distinct(texts, dict(zip(order, numbers, strict=True)).get, pl.UInt32)
    return keys, best.select("key", "name")


def _with_facts(keys: pl.Series, texts: dict[str, pl.Series], held: Moments | None) -> pl.DataFrame:
    """Row by row: key of its event, when, zoned, and what its cells say of the event."""
    frame = pl.DataFrame({"key": keys})
    if held is not None:
        frame = frame.with_columns(when=held.when, zoned=held.zoned)
    return frame.with_columns(texts[c].alias(c) for c in _FACTS if c in texts)


def _type_words(texts: dict[str, pl.Series]) -> pl.Series | None:
    """The type of event as each row words it; None where the column holds other things, such as types of
    guests."""
    words = texts.get("event_type")
    if words is None or not any(map(values.event_type, words.drop_nulls().unique().to_list())):
        return None
    return words.cast(pl.Utf8)


def _called_by_day(events: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """“Webinar, 15 Jan 2026”."""
    first = frame.drop_nulls("key").group_by("key").agg(pl.col("label").drop_nulls().first())
    found = events.join(first, left_on="event_ref", right_on="key", how="left").sort("event_ref")
    alone = found.height == 1
    label = pl.col("label").str.replace_all(r"\s+", " ").str.strip_chars()
    words = label.fill_null("" if alone else UNNAMED)
    day = pl.col("starts_at").dt.to_string("%-d %b %Y")
    both = pl.concat_str(words, day, separator=", ", ignore_nulls=True)
    named = found.with_columns(name=pl.when(words == "").then(pl.lit("")).otherwise(both))
    return named.select(list(EVENT_SCHEMA))


def _describe(
    frame: pl.DataFrame, days: pl.DataFrame | None, names: pl.DataFrame, default_type: str | None
) -> pl.DataFrame:
    first = [pl.col(c).drop_nulls().first() for c in _FACTS if c in frame.columns]
    known = frame.drop_nulls("key")
    facts = known.group_by("key").agg(first) if first else known.select("key").unique()
    facts = names.join(facts, on="key", how="left")
    facts = facts.join(_held_on(known, days), on="key", how="left").sort("key")

    def text(column: str) -> pl.Series:
        return (
            facts[column]
            if column in facts.columns
            else pl.Series([None] * facts.height, dtype=pl.Utf8)
        )

    guessed = values.by_distinct(facts["name"], values.type_from_name, pl.Utf8)
    stated = values.by_distinct(text("event_type"), values.event_type, pl.Utf8)
    return pl.DataFrame(
        {
            "event_ref": facts["key"],
            "source_event_id": values.by_distinct(text("event_id"), digits, pl.Utf8),
            "name": facts["name"],
            "type": stated.fill_null(guessed).fill_null(default_type)
            if default_type
            else stated.fill_null(guessed),
            "topic": text("topic"),
            "starts_at": facts["when"],
            "zone": facts["zone"],
            "duration_minutes": values.by_distinct(
                text("event_minutes"), durations.minutes, pl.Float64
            ),
            "polls_asked": pl.Series([None] * facts.height, dtype=pl.Int32),
        },
        schema=EVENT_SCHEMA,
    )


def _days(frame: pl.DataFrame) -> pl.DataFrame | None:
    """The days on which rows of each key say that it was: key, zoned, day, n, when (first), last."""
    if "when" not in frame.columns:
        return None
    return (
        frame.lazy()
        .select("key", "zoned", "when")
        .drop_nulls(["key", "when"])
        .group_by("key", "zoned", pl.col("when").dt.date().alias("day"))
        .agg(pl.len().alias("n"), pl.col("when").min(), pl.col("when").max().alias("last"))
        .collect()
    )


def _held_on(rows: pl.DataFrame, days: pl.DataFrame | None) -> pl.DataFrame:
    """key, when, zone: earliest time of the most frequent day. Rows that state a zone and rows
    that do not are never mixed; each event follows the more frequent of the two, a stated zone
    where they are even."""
    if days is None:
        return rows.select(
            "key", when=pl.lit(None, dtype=pl.Datetime("us")), zone=pl.lit(None, dtype=pl.Utf8)
        ).unique()
    best = (
        days.with_columns(side=pl.col("n").sum().over("key", "zoned"))
        .sort("side", "n", "day", "zoned", descending=[True, True, False, True])
        .unique("key", keep="first", maintain_order=True)
    )
    zone = pl.when("zoned").then(pl.lit("UTC"))
    return best.select("key", "when", zone=zone)
