"""What trainings taught, and the support tickets about it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.tables import Customer, EventSession, Ticket, TicketRequester
from services.access import Viewer, visible
from services.attendance.analysis.loading import Known
from services.attendance.analysis.training import TYPES
from services.seats import COUNTED_BAND
from services.terms import WORD, terms

DELETED = "deleted"
TRAININGS: dict[str, Any] = {
    "event_id": pl.Int64,
    "event": pl.String,
    "held_on": pl.Date,
    "topic": pl.String,
    "key": pl.String,
}
TICKETS: dict[str, Any] = {
    "ticket_id": pl.Int64,
    "customer_id": pl.Int64,
    "number": pl.String,
    "subject": pl.String,
    "area": pl.String,
    "tags": pl.String,
    "opened_on": pl.Date,
}
ON_TOPIC = TICKETS | {"key": pl.String}
_BETWEEN_TOPICS = re.compile(r"[,;|/]")
_BETWEEN_KEYS = "\x1f"
_TEXTS = ("subject", "area", "tags")


@dataclass(frozen=True)
class Desk:
    """`tickets`: TICKETS of the customers asked for. Tickets of anybody are on record from `first` to
    `last`; both None where there are none."""

    tickets: pl.DataFrame
    first: date | None
    last: date | None


def trainings(session: Session, known: Known) -> pl.DataFrame:
    """TRAININGS, all there are. `topic` is what it is called, the event's name where it has none; `key` holds
    its topics and those of its sessions, and is empty where no word of them says anything."""
    held = known.events.filter(pl.col("type").is_in(TYPES))
    more = _of_sessions(session, held["event_id"].to_list())
    named = held.select(
        "event_id", "held_on", event="name",
        topic=pl.when(pl.col("topic").fill_null("") != "").then("topic").otherwise("name"),
    )  # fmt: skip
    keys = [
        key_of([topic, *more.get(number, ())])
        for number, topic in named.select("event_id", "topic").iter_rows()
    ]
    return named.with_columns(key=pl.Series(keys, dtype=pl.String)).select(*TRAININGS)


def _of_sessions(session: Session, event_ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    asked = select(EventSession.event_id, EventSession.topics)
    for number, topics in session.execute(asked.where(EventSession.event_id.in_(event_ids))):
        found.setdefault(number, []).extend(topics)
    return found


def key_of(topics: Iterable[str]) -> str:
    """The same for the same topics, however they are spelled and ordered."""
    stems = {terms(one) for text in topics for one in _BETWEEN_TOPICS.split(text)}
    return _BETWEEN_KEYS.join(sorted(" ".join(sorted(one)) for one in stems if one))


def topics_in(key: str) -> set[frozenset[str]]:
    """The topics of a key, each as its stems."""
    return {frozenset(one.split()) for one in key.split(_BETWEEN_KEYS) if one}


def desk(session: Session, by: Viewer, since: date, until: date) -> Desk:
    """Tickets opened from `since` to `until`, both included, of the customers that `by` sees; deleted ones
    and those whose sender is not sure are nobody's."""
    t = Ticket
    first, last = session.execute(
        select(func.min(t.opened_at), func.max(t.updated_at)).where(t.state != DELETED)
    ).one()
    start, end = (datetime.combine(day, time(), UTC) for day in (since, until + timedelta(days=1)))
    sure = or_(TicketRequester.id.is_(None), TicketRequester.band == COUNTED_BAND)
    query = (
        select(t.id, t.customer_id, t.number, t.subject, t.area, t.tags, t.opened_at)
        .join(Customer, Customer.id == t.customer_id)
        .outerjoin(TicketRequester, TicketRequester.id == t.requester_id)
        .where(visible(by), sure, t.state != DELETED, t.opened_at >= start, t.opened_at < end)
        .order_by(t.id)
    )
    moment = pl.Datetime("us", "UTC")
    read = {name: kind for name, kind in TICKETS.items() if name != "opened_on"}
    rows = read_large(session, query, read | {"opened_at": moment})
    tickets = rows.select(pl.exclude("opened_at"), opened_on=pl.col("opened_at").dt.date())
    return Desk(tickets, first.date() if first else None, last.date() if last else None)


def on_topic(tickets: pl.DataFrame, keys: Iterable[str]) -> pl.DataFrame:
    """ON_TOPIC: each of TICKETS once for each key of TRAININGS that it is about. Pure.

    Its subject has all words of one of the topics; or its part of the product or one of its tags says
    nothing but a topic, or names one whole. A word in common is too little.
    """
    topics = {topic for key in keys if key for topic in topics_in(key)}
    if not topics:
        return pl.DataFrame(schema=ON_TOPIC)
    texts = tickets.select(_TEXTS).unique().with_columns(pl.col(_TEXTS).fill_null(""))
    texts = texts.with_columns(text=pl.int_range(pl.len()))
    said = pl.concat([_in_subjects(texts, topics), _in_labels(texts, topics)]).unique()
    named = pl.DataFrame(
        [(key, _spelled(topic)) for key in sorted(set(keys)) for topic in topics_in(key)],
        schema={"key": pl.String, "topic": pl.String}, orient="row",
    )  # fmt: skip
    found = texts.join(said.join(named, on="topic").select("text", "key").unique(), on="text")
    filled = tickets.with_columns(**{f"{name}_": pl.col(name).fill_null("") for name in _TEXTS})
    return filled.join(found, left_on=[f"{name}_" for name in _TEXTS], right_on=_TEXTS).select(
        *ON_TOPIC
    )


def _in_subjects(texts: pl.DataFrame, topics: Collection[frozenset[str]]) -> pl.DataFrame:
    """text and topic: subjects that have all words of one. Most have none, which the columns tell at once."""
    stems = sorted(frozenset().union(*topics))
    whole = pl.col("subject").str.to_lowercase()
    likely = texts.select("text", "subject").filter(whole.str.contains_any(stems))
    words = likely.select("text", word=pl.col("subject").str.extract_all(WORD)).explode("word")
    words = words.drop_nulls()
    each = [(word, stem) for word in words["word"].unique() for stem in terms(word)]
    known = pl.DataFrame(each, schema={"word": pl.String, "stem": pl.String}, orient="row")
    wanted = pl.DataFrame(
        [(_spelled(topic), stem, len(topic)) for topic in topics for stem in topic],
        schema={"topic": pl.String, "stem": pl.String, "size": pl.Int64}, orient="row",
    )  # fmt: skip
    said = words.join(known.join(wanted, on="stem"), on="word").group_by("text", "topic")
    counted = said.agg(pl.col("stem").n_unique(), pl.col("size").first())
    return counted.filter(pl.col("stem") == pl.col("size")).select("text", "topic")


def _in_labels(texts: pl.DataFrame, topics: Collection[frozenset[str]]) -> pl.DataFrame:
    """text and topic: parts of the product and tags that say nothing but one, or name one whole."""
    area = texts.select("text", label="area")
    tags = texts.select("text", label=pl.col("tags").str.split("\n")).explode("label")
    labels = pl.concat([area, tags]).filter(pl.col("label") != "")
    each = [
        (label, _spelled(topic))
        for label in labels["label"].unique()
        if (said := terms(label))
        for topic in topics
        if said <= topic or topic <= said
    ]
    known = pl.DataFrame(each, schema={"label": pl.String, "topic": pl.String}, orient="row")
    return labels.join(known, on="label").select("text", "topic")


def _spelled(topic: frozenset[str]) -> str:
    return " ".join(sorted(topic))
