"""Topics of interest: what customers' people came to hear, and asked about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import AttendanceNote, EventSession
from services.access import Viewer, require_customer
from services.attendance.follow_up.relevance import terms
from services.attendance.seen import seats_of, seen_of

HALF_LIFE_DAYS = 180.0
"""An event counts half as much after this time."""
ASKED_WEIGHT = 0.5
"""What each of up to three questions adds to having been there."""
MOST_ASKED = 3
MOST_QUOTED = 3
TOPICS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "topic": pl.String,
    "events": pl.UInt32,
    "people": pl.UInt32,
    "asked": pl.Int64,
    "last_on": pl.Date,
    "weight": pl.Float64,
}


@dataclass(frozen=True)
class Interest:
    """A topic of a customer (or of one of its people). `events` and `people` are distinct, `asked` counts
    questions; `quotes` are some of them word for word. `weight` orders: recent events, more for questions."""

    topic: str
    events: int
    people: int
    asked: int
    last_on: date
    weight: float
    quotes: tuple[str, ...]


def interests(
    session: Session,
    by: Viewer,
    customer_id: int,
    *,
    stakeholder_id: int | None = None,
    today: date,
) -> list[Interest]:
    """The strongest first. NotFound when the customer is not `by`'s to see."""
    require_customer(session, by, customer_id)
    seen = seen_of(session, [customer_id])
    if stakeholder_id is not None:
        seen = seen.filter(pl.col("stakeholder_id") == stakeholder_id)
    told = topics_heard(seen, _sessions(session, seen["event_id"]))
    notes = _questions(session, seen["participant_id"])
    found = weighed(told, notes, today)
    quotes = quotes_of(told, notes)
    return [
        Interest(
            **{k: v for k, v in row.items() if k != "customer_id"}, quotes=quotes[row["topic"]]
        )
        for row in found.to_dicts()
    ]


def topics_of(session: Session, customer_ids: Collection[int], *, today: date) -> pl.DataFrame:
    """As TOPICS, for any number of customers at once; the strongest first in each."""
    seats = seats_of(session, customer_ids)
    told = topics_heard(seats, _sessions(session, seats["event_id"]))
    return weighed(told, _questions(session, told["participant_id"]), today)


def topics_heard(seen: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """One row per person, event and topic they were there for.

    The event's own topic; the topics of the sessions they attended, or of all of them where nobody knows
    which. `sessions` has event_id, title, topics List(String). Topics are told apart by their letters,
    not their case: the spelling of the newest event stays. `own`: it is the event's, not a session's.
    """
    came = seen.filter(pl.col("status") == "attended")
    mine = came.select(
        "customer_id", "participant_id", "event_id", "held_on", "questions", "topic", "sessions"
    )
    own = mine.select(pl.exclude("sessions"), own=pl.lit(value=True)).filter(
        pl.col("topic").fill_null("") != ""
    )
    titles = pl.col("sessions").str.to_lowercase().str.split("; ")
    parts = mine.join(sessions.rename({"topics": "of_session"}), on="event_id").with_columns(
        chosen=titles.list.contains(pl.col("title").str.to_lowercase())
    )
    here = pl.col("chosen").fill_null(value=True)
    told = (
        parts.filter(here)
        .drop("topic", "sessions", "title", "chosen")
        .explode("of_session")
        .rename({"of_session": "topic"})
        .drop_nulls("topic")
        .with_columns(own=pl.lit(value=False))
        .select(own.columns)
    )
    whole = pl.concat([own, told]).with_columns(
        key=pl.col("topic").str.to_lowercase().str.strip_chars()
    )
    spelled = whole.sort("held_on", "topic", descending=[True, False]).unique("key", keep="first")
    return (
        whole.drop("topic")
        .sort("own", descending=True)
        .unique(["participant_id", "event_id", "key"], keep="first")
        .join(spelled.select("key", "topic"), on="key")
    )


def weighed(told: pl.DataFrame, notes: pl.DataFrame, today: date) -> pl.DataFrame:
    """Counts and weights per customer and topic, as TOPICS. `notes` has participant_id, event_id, text.

    All questions count for the event's own topic, and for its only one; for the topics of its sessions
    those that name them.
    """
    if told.is_empty():
        return pl.DataFrame(schema=TOPICS)
    asked = _asked(told, notes)
    age = (pl.lit(today) - pl.col("held_on")).dt.total_days().clip(0)
    per_event = (
        told.join(asked, on=["participant_id", "event_id", "key"], how="left")
        .group_by("customer_id", "topic", "event_id")
        .agg(
            pl.col("held_on").first(),
            pl.col("asked").fill_null(0).sum(),
            pl.col("participant_id").unique(),
        )
        .with_columns(
            weight=0.5 ** (age / HALF_LIFE_DAYS)
            * (1 + ASKED_WEIGHT * pl.col("asked").clip(0, MOST_ASKED))
        )
    )
    return (
        per_event.group_by("customer_id", "topic")
        .agg(
            events=pl.len(),
            people=pl.col("participant_id").explode().n_unique(),
            asked=pl.col("asked").sum(),
            last_on=pl.col("held_on").max(),
            weight=pl.col("weight").sum().round(4),
        )
        .sort("customer_id", "weight", "topic", descending=[False, True, False])
        .select(pl.col(name).cast(kind) for name, kind in TOPICS.items())
    )


def _asked(told: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """participant_id, event_id, key, asked: by the words of questions, else by their number."""
    single = told.group_by("event_id").agg(alone=pl.col("key").n_unique() == 1)
    counted = told.join(single, on="event_id").select(
        "participant_id",
        "event_id",
        "key",
        number=pl.when(pl.col("alone") | pl.col("own")).then(pl.col("questions")).fill_null(0),
    )
    named = _named(told, notes).group_by("participant_id", "event_id", "key").agg(said=pl.len())
    both = counted.join(named, on=["participant_id", "event_id", "key"], how="left")
    return both.select(
        "participant_id",
        "event_id",
        "key",
        asked=pl.max_horizontal("number", pl.col("said").fill_null(0).cast(pl.Int64)),
    )


def _named(told: pl.DataFrame, notes: pl.DataFrame) -> pl.DataFrame:
    """The questions that share a word with a topic of their event: told's keys and `text`."""
    pairs = told.select("participant_id", "event_id", "key", "topic").join(
        notes, on=["participant_id", "event_id"]
    )
    distinct = pairs.select("topic", "text").unique()
    fits = [bool(terms(topic) & terms(words)) for topic, words in distinct.iter_rows()]
    kept = distinct.with_columns(fits=pl.Series(fits, dtype=pl.Boolean)).filter("fits").drop("fits")
    return pairs.join(kept, on=["topic", "text"], how="semi")


def quotes_of(told: pl.DataFrame, notes: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """Some questions per topic, the newest event's first."""
    dated = told.select("event_id", "held_on").unique()
    named = _named(told, notes).join(dated, on="event_id").sort("held_on", "text", descending=True)
    found = {
        row["topic"]: tuple(row["text"])
        for row in named.group_by("topic", maintain_order=True)
        .agg(pl.col("text").unique(maintain_order=True).head(MOST_QUOTED))
        .to_dicts()
    }
    return {topic: found.get(topic, ()) for topic in told["topic"].unique()}


def _sessions(session: Session, events: pl.Series) -> pl.DataFrame:
    schema = {"event_id": pl.Int64, "title": pl.String, "topics": pl.List(pl.String)}
    rows = [
        (one.event_id, one.title, list(one.topics))
        for one in session.scalars(
            select(EventSession).where(EventSession.event_id.in_(events.unique().to_list()))
        )
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _questions(session: Session, participants: pl.Series) -> pl.DataFrame:
    schema = {"participant_id": pl.Int64, "event_id": pl.Int64, "text": pl.String}
    note = AttendanceNote
    people = participants.unique().sort().to_list()
    pieces = [
        read_frame(
            session,
            select(note.participant_id, note.event_id, note.text).where(
                note.participant_id.in_(people[at : at + 5_000]), note.kind == "qa"
            ),
            schema,
        )
        for at in range(0, len(people), 5_000)
    ]
    return pl.concat(pieces) if pieces else pl.DataFrame(schema=schema)
