"""Events that were held: who came, and what is written to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft
from services import drafts
from services.access import Viewer
from services.ask.answers import Answer, Block, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk, Happened
from services.ask.grammar import Intent
from services.ask.orders import leaders
from services.ask.saying import Unclear, answered, links, mails, table
from services.ask.which import held
from services.ask.who import choose
from services.attendance import events
from services.errors import NotFound
from services.plurals import plural

MOST, MOST_DRAFTS = 10, 3
SOURCE = "event"


def attendees(desk: Desk, intent: Intent) -> Answer:
    """Of all one's customers, or of those that are named."""
    who = intent.slots.get("who", "")
    asked = f"Did {who} come to" if who else "Who came to"
    event = past(desk, intent, lambda key: f"{asked} {key}")
    rows = events.people(desk.session, desk.by, event.id)
    whose, named, others = "", tuple[int, ...](), Answer(())
    if who:
        again = f"come to {event.key}"
        chosen = choose(desk, who, lambda keys: f"Did {keys} {again}", leaders(desk), looking=True)
        named, others = chosen.ids, chosen.unknown
        rows = rows.filter(pl.col("customer_id").is_in(named))
        whose = f" of {', '.join(desk.names[one] for one in named)}"
    page = links(Link("event", "Open the event", {"id": event.key}))
    came = rows.filter(pl.col("presence") == "Came")
    spoken = SpokenOf(event_id=event.id)
    if came.is_empty():
        said = f"Nobody{whose or ' of your customers'} came to {event.label}, as far as is known."
        return answered(said, page, customers=named, spoken_of=spoken).then(others)
    ordered = came.sort(pl.col("minutes"), descending=True, nulls_last=True)
    columns = ("customer", "person", "level", "minutes", "questions")
    shown = ordered.head(MOST)
    return Answer(
        (
            Text(event.label, "heading"),
            Text(_counted(came, "came")),
            table(("Customer", "Person", "Level", "Minutes", "Questions"), shown.select(columns).iter_rows()),
            page,
            Choices((Choice("Draft follow-ups", f"Draft follow-ups for {event.key}"),)),
        ),
        customers=tuple(shown["customer_id"].drop_nulls().unique(maintain_order=True)),
        spoken_of=spoken,
    ).then(others)  # fmt: skip


def missed(desk: Desk, intent: Intent) -> Answer:
    """Who was expected and stayed away."""
    event = past(desk, intent, lambda key: f"Who missed {key}")
    rows = events.people(desk.session, desk.by, event.id)
    away = rows.filter(pl.col("presence") == "Did not come")
    page = links(Link("event", "Open the event", {"id": event.key}))
    spoken = SpokenOf(event_id=event.id)
    if away.is_empty():
        said = f"Nobody of your customers was registered for {event.label} and stayed away, as far as is known."
        return answered(said, page, spoken_of=spoken)
    shown = away.head(MOST)
    numbers = tuple(shown["customer_id"].drop_nulls().unique(maintain_order=True))
    return Answer(
        (
            Text(event.label, "heading"),
            Text(_counted(away, "did not come")),
            table(("Customer", "Person", "Follow-up"), shown.select("customer", "person", "draft").iter_rows()),
            page,
        ),
        customers=numbers,
        spoken_of=SpokenOf(event_id=event.id, customers=numbers),
    )  # fmt: skip


def _counted(rows: pl.DataFrame, did: str) -> str:
    people, houses = rows.height, rows["customer_id"].n_unique()
    said = f"{plural(people, 'person', 'people')} of {plural(houses, 'customer')} {did}"
    return said + (f"; the first {MOST} are:" if people > MOST else ":")


def past(desk: Desk, intent: Intent, rephrase: Callable[[str], str]) -> Happened:
    if "event" not in intent.slots and not any(one.over for one in desk.events):
        raise Unclear(
            answered("No event was held yet.", links(Link("upload", "Upload attendance")))
        )
    return held(desk, intent.slots.get("event", "the last event"), rephrase)


def waiting_before(session: Session, event_id: int) -> int:
    """The newest draft about the event: what is newer afterwards was made by this command."""
    newest = select(Draft.id).where(Draft.source == SOURCE, Draft.source_id == event_id)
    return session.scalar(newest.order_by(Draft.id.desc()).limit(1)) or 0


def followed_up(
    session: Session, event: Happened, after: int, *, by: Viewer, now: datetime
) -> Answer:
    """What following up the event has made."""
    rows = session.scalars(
        select(Draft.id)
        .where(Draft.source == SOURCE, Draft.source_id == event.id, Draft.id > after)
        .order_by(Draft.id)
    )
    made: list[tuple[int, int]] = []
    for number in rows:
        try:
            made.append((number, drafts.view(session, by, number, now).customer_id))
        except NotFound:  # a colleague's, drafted at the same moment
            continue
    page = links(Link("drafts", "All drafts"), Link("event", "Open the event", {"id": event.key}))
    spoken = SpokenOf(event_id=event.id, drafts=tuple(number for number, _ in made[:MOST_DRAFTS]))
    if not made:
        said = f"No new mail was drafted for {event.label}: all who can be written to have one, or nobody of yours was there."
        return answered(said, page, spoken_of=spoken)
    blocks: list[Block] = [
        Text(f"{plural(len(made), 'follow-up')} drafted after {event.label}. Nothing is sent before somebody has read it.", "good")
    ]  # fmt: skip
    blocks += mails([number for number, _ in made], MOST_DRAFTS)
    return Answer(
        (*blocks, page),
        customers=tuple(dict.fromkeys(customer for _, customer in made)),
        spoken_of=spoken,
        deeds=tuple(("draft", number) for number, _ in made),
    )
