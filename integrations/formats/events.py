"""Which event each row belongs to, and when that event was held."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from integrations.formats import values
from integrations.formats.records import EVENT_SCHEMA

_GAP_DAYS = 3


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
    texts: dict[str, pl.Series], held: Moments | None, default_type: str | None
) -> tuple[pl.DataFrame, pl.Series]:
    """One event per distinct name, case and blanks folded; `texts` holds event, event_type, …

    Rows that give a day without a clock time split a name into several events where more than
    three days lie between: a monthly user group keeps its name. Held on: the day most rows say,
    and the earliest time of that day, which is right for an event's start and for join times
    alike (a re-join or one mistyped date does not move it). The start is not rounded.
    """
    keys, names = _fold(texts["event"])
    frame = pl.DataFrame({"key": keys})
    if held is not None:
        frame = frame.with_columns(when=held.when, zoned=held.zoned)
        if bool((held.dated | held.when.is_null()).all()) and held.when.is_not_null().any():
            frame = frame.with_columns(key=_split_by_day(frame))
            names = _names_of_split(frame["key"], keys, names)
    for column in ("event_type", "topic", "event_id", "event_minutes"):
        if column in texts:
            frame = frame.with_columns(texts[column].alias(column))
    events = _describe(frame, names, default_type)
    return events, frame["key"]


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


def _split_by_day(frame: pl.DataFrame) -> pl.Series:
    days = (
        frame.select("key", day=pl.col("when").dt.date()).drop_nulls().unique().sort("key", "day")
    )
    gap = (pl.col("day").diff().over("key").dt.total_days() > _GAP_DAYS).fill_null(value=False)
    split = days.with_columns(part=gap.cum_sum().over("key"))
    split = split.with_columns(ref=pl.struct("key", "part").rank("dense").cast(pl.UInt32) - 1)
    first = split.group_by("key").agg(pl.col("ref").min().alias("first"))
    found = (
        frame.with_columns(day=pl.col("when").dt.date())
        .join(split, on=["key", "day"], how="left", maintain_order="left")
        .join(first, on="key", how="left", maintain_order="left")
    )
    # A row of a known name without a date goes to the first event of that name.
    extra = int(split["ref"].max() or 0) + 1  # pyright: ignore[reportArgumentType]
    return found.select(
        pl.coalesce("ref", "first", pl.col("key") + extra).cast(pl.UInt32).alias("key")
    )["key"]


def _names_of_split(refs: pl.Series, keys: pl.Series, names: pl.DataFrame) -> pl.DataFrame:
    pairs = pl.DataFrame({"ref": refs, "key": keys}).drop_nulls().unique().sort("ref")
    return pairs.join(names, on="key", how="left").select(pl.col("ref").alias("key"), "name")


def _describe(frame: pl.DataFrame, names: pl.DataFrame, default_type: str | None) -> pl.DataFrame:
    first = [
        pl.col(c).drop_nulls().first()
        for c in ("event_type", "topic", "event_id", "event_minutes")
        if c in frame.columns
    ]
    known = frame.drop_nulls("key")
    facts = known.group_by("key").agg(first) if first else known.select("key").unique()
    facts = names.join(facts, on="key", how="left")
    facts = facts.join(_held_on(known), on="key", how="left").sort("key")

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
                text("event_minutes"), values.minutes, pl.Float64
            ),
            "polls_asked": pl.Series([None] * facts.height, dtype=pl.Int32),
        },
        schema=EVENT_SCHEMA,
    )


def _held_on(rows: pl.DataFrame) -> pl.DataFrame:
    """key, when, zone: earliest time of the most frequent day. Rows that state a zone and rows
    that do not are never mixed; each event follows the more frequent of the two, a stated zone
    where they are even."""
    if "when" not in rows.columns:
        return rows.select(
            "key", when=pl.lit(None, dtype=pl.Datetime("us")), zone=pl.lit(None, dtype=pl.Utf8)
        ).unique()
    days = (
        rows.drop_nulls("when")
        .group_by("key", "zoned", pl.col("when").dt.date().alias("day"))
        .agg(pl.len().alias("n"), pl.col("when").min())
        .with_columns(side=pl.col("n").sum().over("key", "zoned"))
        .sort("side", "n", "day", "zoned", descending=[True, True, False, True])
        .unique("key", keep="first", maintain_order=True)
    )
    zone = pl.when("zoned").then(pl.lit("UTC"))
    return days.select("key", "when", zone=zone)
