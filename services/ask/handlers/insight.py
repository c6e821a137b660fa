"""Leaderboard, distribution, who declines and why, who could speak for us, what is to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from services.ask import contacts, screens
from services.ask.answers import (
    MOST_ROWS,
    Answer,
    Block,
    Choice,
    Choices,
    Link,
    Links,
    SpokenOf,
    Text,
)
from services.ask.book import Desk, Happened
from services.ask.grammar import Intent
from services.ask.names import begun, compared
from services.ask.orders import FEW, Order, fading, leaders, standings
from services.ask.saying import (
    Unclear,
    answered,
    customer_link,
    day,
    joined,
    links,
    moment,
    money,
    table,
)
from services.ask.which import either
from services.ask.who import choose
from services.ids import public_id
from services.plurals import plural
from services.scoring import advocacy, board, risk
from services.scoring.components import SPARK_MONTHS
from services.scoring.words import BAND_TITLES, board_rows

TOP, SOME, MOST, MOST_CONTACTS = 5, 10, MOST_ROWS, 5
NO_BOARD = "There is no board yet. Attach an attendance file and say “Score engagement from this event data”."
FADING = Text("Declining engagement", "heading")
HALVES = "Current are the last six months, previous the six before."
EVENTS = (("current_events", "current"), ("previous_events", "previous"))
ON_THE_BOARD = ("Rank", "Customer", "Score", "Events", "Users", "Trend")


def leaderboard(desk: Desk, intent: Intent) -> Answer:
    asked = intent.number("top", TOP)
    found = standings(desk)
    rows = found.rows.filter(pl.col("score").is_not_null()).head(min(asked, MOST))
    if rows.is_empty():
        return answered(NO_BOARD, links(Link("upload", "Upload"), Link("engagement", "Engagement")))
    numbers = tuple(rows["customer_id"])
    return Answer(
        (
            Text("Engagement leaderboard", "heading"),
            Text(f"The best {len(numbers)} of {plural(found.rows.height, 'customer')}, as of {day(found.as_of)}."),
            *_all_of_them(asked, found.rows.height),
            table(ON_THE_BOARD, board_rows(rows).select(ON_THE_BOARD).iter_rows()),
            links(Link("engagement", "Open the leaderboard")),
        ),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers),
    )  # fmt: skip


def _all_of_them(asked: int, known: int) -> tuple[Text, ...]:
    said = f"Of the {asked:,} you asked for these are the first {MOST}; the page has them all."
    return (Text(said, "note"),) if min(asked, known) > MOST else ()


def distribution(desk: Desk, _intent: Intent) -> Answer:
    found = standings(desk)
    counts = board.distribution_of(found.rows)
    if not found.rows["score"].count():
        return answered(NO_BOARD, links(Link("upload", "Upload")))
    scored = max(int(counts["customers"].sum()), 1)
    rows = [
        (BAND_TITLES[band], count, f"{count / scored:.0%}", "█" * round(20 * count / scored))
        for band, count in counts.select("band", "customers").iter_rows()
    ]
    return Answer(
        (
            Text("Engagement distribution", "heading"),
            table(("Band", "Customers", "Share", "Bar"), rows),
            links(Link("engagement", "Open the distribution", {"engagement.view": "Distribution"})),
        )
    )


def declining(desk: Desk, intent: Intent) -> Answer:
    """Open signals; until the first look was made, whoever's trend falls."""
    asked = intent.number("top", SOME)
    found = risk.listing(desk.session, desk.by, desk.now, limit=min(asked, MOST))
    if not found.rows:
        return _falling(desk, min(asked, MOST))
    scores = dict(standings(desk).rows.select("customer_id", "score").iter_rows())
    rows = [
        (one.customer, scores.get(one.customer_id), *_halves(one.facts), one.level.title(),
         money(one.arr, one.currency), one.short)
        for one in found.rows
    ]  # fmt: skip
    shown = f" The first {len(rows)}:" if found.total > len(rows) else ""
    return Answer(
        (
            FADING,
            Text(f"{plural(found.total, 'customer')} at risk. {HALVES}{shown}"),
            *_all_of_them(asked, found.total),
            table(("Customer", "Score", "Current", "Previous", "Events missed", "Level", "ARR", "Why"), rows),
            links(Link("risk", "Open Risk")),
            Choices(tuple(Choice(f"Re-engage {one.customer}", f"Re-engage {public_id('customer', one.customer_id)}") for one in found.rows[:3])),
        ),
        customers=tuple(one.customer_id for one in found.rows),
        spoken_of=SpokenOf(customers=tuple(one.customer_id for one in found.rows)),
    )  # fmt: skip


def _falling(desk: Desk, most: int) -> Answer:
    falling = standings(desk).rows.filter(pl.col("trend") == "declining")
    total = falling.height
    falling = falling.sort("missed_in_row", "rank", descending=[True, False]).head(most)
    if falling.is_empty():
        return answered("No customer of yours is declining.", links(Link("risk", "Open Risk")))
    half = SPARK_MONTHS // 2
    rows = [
        (row["customer"], row["score"], plural(sum(row["months"][half:]), "event"),
         plural(sum(row["months"][:half]), "event"), _missed(row["missed_in_row"]))
        for row in falling.iter_rows(named=True)
    ]  # fmt: skip
    numbers = tuple(falling["customer_id"])
    return Answer(
        (
            FADING,
            Text(f"{plural(total, 'customer')} whose trend falls. Whether it is more than chance is worked out when signals are looked for. {HALVES}"),
            table(("Customer", "Score", "Current", "Previous", "Events missed"), rows),
            links(Link("risk", "Open Risk"), Link("engagement", "Open the leaderboard")),
            Choices((Choice("Create risk signals", "Create risk signals"),)),
        ),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers),
    )  # fmt: skip


def _halves(facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """Of the facts of a signal: events of the last six months, of those before, and missed since. One that does
    not rest on attendance has none of them."""
    if "missed" not in facts:
        return "–", "–", "–"
    now, before = (facts.get(name, facts.get(seats, 0)) for name, seats in EVENTS)
    return plural(now, "event"), plural(before, "event"), _missed(facts["missed"])


def _missed(count: int) -> str:
    return "–" if not count else "The last one" if count == 1 else f"The last {count}"


def detect(desk: Desk, intent: Intent) -> Answer:
    found = risk.detect(desk.session, now=desk.now, by=desk.by)
    said = (
        f"{plural(found.judged, 'customer')} with enough history judged as of {day(found.as_of)}: "
        f"{found.opened} new, {found.escalated} worse, {found.closed} closed, {found.still} still fading."
    )
    return Answer((Text(said, "good"),), deeds=(("look", 0),)).then(declining(desk, intent))


def candidates(desk: Desk, intent: Intent) -> Answer:
    asked = intent.number("top", TOP)
    found = advocacy.candidates(desk.session, desk.by, desk.now)
    rows = found.rows[: min(asked, MOST)]
    if not rows:
        why = "No advocacy candidate at present: it takes a score of 80 or more and something notable."
        return answered(why, links(Link("advocacy", "Open Advocacy")))
    told = [
        (one.customer, one.score, f"{one.attended}/{one.eligible}", ", ".join(one.remarks),
         ", ".join(advocacy.TYPES[kind] for kind in one.types))
        for one in rows
    ]  # fmt: skip
    numbers = tuple(one.customer_id for one in rows)
    return Answer(
        (
            Text("Advocacy candidates", "heading"),
            Text(f"The best {len(rows)} of {plural(len(found.rows), 'customer')} who can be asked."),
            table(("Customer", "Score", "Events", "Notable", "Ask for"), told),
            links(Link("advocacy", "Open Advocacy")),
            Choices((Choice(f"Create advocacy opportunities for top {min(3, len(rows))}",
                            f"Create advocacy opportunities for top {min(3, len(rows))}"),)),
        ),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers),
    )  # fmt: skip


def why(desk: Desk, intent: Intent) -> Answer:
    order = replace(fading(desk), most=FEW)
    return about(desk, intent.slots["who"], lambda key: f"Why is {key} declining", order)


def customer(desk: Desk, intent: Intent) -> Answer:
    who = intent.slots["who"]
    try:
        return about(desk, who, lambda key: f"Show customer {key}", leaders(desk))
    except Unclear as unclear:
        screen = screens.named(desk, who)
        if screen and begun(compared(who), desk.customers):
            way = tuple(block for block in screen.blocks if isinstance(block, Links))
            raise Unclear(unclear.answer.then(Answer(way))) from None
        if found := screen or contact(desk, who):
            return found
        raise


def contact(desk: Desk, typed: str) -> Answer | None:
    """Whose contact somebody of this name is, and that customer in short; None where nobody is called so."""
    found = contacts.called(desk, typed)[:MOST_CONTACTS]
    told = [
        Text(f"{one.name}{f', {one.title},' if one.title else ''} is a contact of {desk.names[one.customer_id]}.")
        for one in found
    ]  # fmt: skip
    owners = tuple(dict.fromkeys(one.customer_id for one in found))
    if len(owners) == 1:
        key = public_id("customer", owners[0])
        return Answer(tuple(told), customers=owners).then(
            about(desk, key, lambda key: f"Show customer {key}", leaders(desk))
        )
    shown = tuple(Choice(f"Show {desk.names[one]}", f"Show customer {public_id('customer', one)}") for one in owners)  # fmt: skip
    if not owners:
        return None
    return Answer((*told, Choices(shown)), customers=owners, spoken_of=SpokenOf(customers=owners))


def about(desk: Desk, typed: str, rephrase: Callable[[str], str], order: Order) -> Answer:
    """Customers in short; `rephrase` as for `meant`."""
    chosen = choose(desk, typed, rephrase, order, looking=True)
    if not chosen.ids:
        return answered(f"No customer of yours is {order.such}.", links(Link("upload", "Upload")))
    board_now = standings(desk).rows
    told = joined([Answer(chosen.notes), *(_about(desk, one, board_now) for one in chosen.ids)])
    return told.then(chosen.unknown).then(Answer((), spoken_of=SpokenOf(customers=chosen.ids)))


def _about(desk: Desk, customer_id: int, board_now: pl.DataFrame) -> Answer:
    name, key = desk.names[customer_id], public_id("customer", customer_id)
    row = board_now.filter(pl.col("customer_id") == customer_id)
    blocks: list[Block] = [Text(name, "heading")]
    if row.height:
        blocks.append(table(ON_THE_BOARD, board_rows(row).select(ON_THE_BOARD).iter_rows()))
    signals = risk.signals_of(desk.session, desk.by, customer_id, desk.now)
    blocks += [Text(f"{s.sentence} {s.advice}".strip(), "note") for s in signals[:1] if s.state != "closed"]  # fmt: skip
    if not signals:
        blocks.append(Text("No risk signal."))
    blocks.append(
        links(customer_link(customer_id, f"Open {name}"),
              Link("engagement", "Why this score", {"customer": key}))
    )  # fmt: skip
    return Answer(tuple(blocks), customers=(customer_id,))


def coming(desk: Desk, intent: Intent) -> Answer:
    """All of them, or when the one is that is named."""
    named = intent.slots.get("event", "")
    if named:
        return _one_event(either(desk, named, lambda key: f"When is {key}"), desk.zone)
    events = sorted(
        (one for one in desk.events if not one.over), key=lambda one: (one.starts_at, one.id)
    )
    if not events:
        return answered("No event is planned.", links(Link("plan_event", "Plan an event")))
    rows = [(one.name, one.type.replace("_", " ").title(), one.hint) for one in events]
    more = f" The next {MOST}:" if len(rows) > MOST else ""
    return Answer(
        (
            Text("Events to come", "heading"),
            Text(f"{plural(len(rows), 'event')}.{more}"),
            table(("Event", "Type", "Date"), rows),
            links(Link("events", "Open Events"), Link("invitations", "Open Invitations")),
        ),
        spoken_of=SpokenOf(event_id=events[0].id),
    )


def _one_event(one: Happened, zone: str) -> Answer:
    was = "was" if one.over else "is"
    ask = "Who came to" if one.over else "Whom should I invite to"
    return answered(
        f"{one.name} {was} on {moment(one.starts_at, zone)}.",
        Choices((Choice(f"{ask} it?", f"{ask} {one.key}"),)),
        links(Link("event", "Open the event", {"id": one.key})),
        spoken_of=SpokenOf(event_id=one.id),
    )
