"""Leaderboard, distribution, who declines and why, who could speak for us, what is to come."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from services.ask.answers import Answer, Block, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk
from services.ask.grammar import Intent
from services.ask.names import find
from services.ask.saying import answered, customer_link, day, links, meant, money, table
from services.ids import public_id
from services.plurals import plural
from services.scoring import advocacy, board, risk
from services.scoring.words import BAND_TITLES, board_rows

TOP, MOST = 5, 10
NO_BOARD = "There is no board yet. Attach an attendance file and say “Score engagement from this event data”."
ON_THE_BOARD = ("Rank", "Customer", "Score", "Events", "Users", "Trend")


def leaderboard(desk: Desk, intent: Intent) -> Answer:
    top = min(max(intent.number("top", TOP), 1), MOST)
    found = _standings(desk)
    rows = found.rows.filter(pl.col("score").is_not_null()).head(top)
    if rows.is_empty():
        return answered(NO_BOARD, links(Link("upload", "Upload"), Link("engagement", "Engagement")))
    numbers = tuple(rows["customer_id"])
    return Answer(
        (
            Text("Engagement leaderboard", "heading"),
            Text(f"The best {len(numbers)} of {plural(found.rows.height, 'customer')}, as of {day(found.as_of)}."),
            table(ON_THE_BOARD, board_rows(rows).select(ON_THE_BOARD).iter_rows()),
            links(Link("engagement", "Open the leaderboard")),
        ),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers),
    )  # fmt: skip


def distribution(desk: Desk, _intent: Intent) -> Answer:
    found = _standings(desk)
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


def declining(desk: Desk, _intent: Intent) -> Answer:
    """Open signals; until the first look was made, whoever's trend falls."""
    found = risk.listing(desk.session, desk.by, desk.now, limit=MOST)
    head = Text("Declining engagement", "heading")
    if found.rows:
        rows = [
            (one.customer, one.level.title(), one.sentence, money(one.arr, one.currency))
            for one in found.rows
        ]
        shown = f"The first {len(rows)} of {found.total:,}." if found.total > len(rows) else ""
        return Answer(
            (
                head,
                Text(f"{plural(found.total, 'customer')} at risk. {shown}".strip()),
                table(("Customer", "Level", "Why", "ARR"), rows),
                links(Link("risk", "Open Risk")),
                Choices(tuple(Choice(f"Re-engage {one.customer}", f"Re-engage {public_id('customer', one.customer_id)}") for one in found.rows[:3])),
            ),
            customers=tuple(one.customer_id for one in found.rows),
        )  # fmt: skip
    falling = _standings(desk).rows.filter(pl.col("trend") == "declining")
    falling = falling.sort("missed_in_row", "rank", descending=[True, False]).head(MOST)
    if falling.is_empty():
        return answered("No customer of yours is declining.", links(Link("risk", "Open Risk")))
    rows = falling.select("customer", "score", "attended", "eligible", "missed_in_row").iter_rows()
    return Answer(
        (
            head,
            Text("Their trend falls. Whether it is more than chance is worked out when signals are looked for."),
            table(("Customer", "Score", "Events", "Open to them", "Missed in a row"), rows),
            links(Link("risk", "Open Risk"), Link("engagement", "Open the leaderboard")),
            Choices((Choice("Create risk signals", "Create risk signals"),)),
        ),
        customers=tuple(falling["customer_id"]),
    )  # fmt: skip


def detect(desk: Desk, _intent: Intent) -> Answer:
    found = risk.detect(desk.session, now=desk.now, by=desk.by)
    said = (
        f"{plural(found.judged, 'customer')} with enough history judged as of {day(found.as_of)}: "
        f"{found.opened} new, {found.escalated} worse, {found.closed} closed, {found.still} still fading."
    )
    return Answer((Text(said, "good"),), deeds=(("look", 0),)).then(declining(desk, _intent))


def candidates(desk: Desk, intent: Intent) -> Answer:
    top = min(max(intent.number("top", TOP), 1), MOST)
    found = advocacy.candidates(desk.session, desk.by, desk.now)
    rows = found.rows[:top]
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
            table(("Customer", "Score", "Events", "Notable", "Ask for"), told),
            links(Link("advocacy", "Open Advocacy")),
            Choices((Choice(f"Create advocacy opportunities for top {min(3, len(rows))}",
                            f"Create advocacy opportunities for top {min(3, len(rows))}"),)),
        ),
        customers=numbers,
        spoken_of=SpokenOf(customers=numbers),
    )  # fmt: skip


def why(desk: Desk, intent: Intent) -> Answer:
    return about(desk, intent.slots["who"], lambda key: f"Why is {key} declining")


def customer(desk: Desk, intent: Intent) -> Answer:
    return about(desk, intent.slots["who"], lambda key: f"Show customer {key}")


def about(desk: Desk, typed: str, rephrase: Callable[[str], str]) -> Answer:
    """A customer in short; `rephrase` as for `meant`."""
    one = meant(find(typed, desk.customers), "customer", rephrase)
    row = _standings(desk).rows.filter(pl.col("customer_id") == one.id)
    blocks: list[Block] = [Text(one.name, "heading")]
    if row.height:
        blocks.append(table(ON_THE_BOARD, board_rows(row).select(ON_THE_BOARD).iter_rows()))
    signals = risk.signals_of(desk.session, desk.by, one.id, desk.now)
    blocks += [Text(f"{s.sentence} {s.advice}".strip(), "note") for s in signals[:1] if s.state != "closed"]  # fmt: skip
    if not signals:
        blocks.append(Text("No risk signal."))
    key = public_id("customer", one.id)
    blocks.append(
        links(customer_link(one.id, f"Open {one.name}"),
              Link("engagement", "Why this score", {"customer": key}))
    )  # fmt: skip
    return Answer(tuple(blocks), customers=(one.id,), spoken_of=SpokenOf(customers=(one.id,)))


def coming(desk: Desk, _intent: Intent) -> Answer:
    events = sorted(
        (one for one in desk.events if not one.over), key=lambda one: (one.starts_at, one.id)
    )
    if not events:
        return answered("No event is planned.", links(Link("plan_event", "Plan an event")))
    rows = [(one.name, one.type.replace("_", " ").title(), one.hint) for one in events]
    return Answer(
        (
            Text("Events to come", "heading"),
            table(("Event", "Type", "Date"), rows),
            links(Link("events", "Open Events"), Link("invitations", "Open Invitations")),
        ),
        spoken_of=SpokenOf(event_id=events[0].id),
    )


def _standings(desk: Desk) -> board.Standings:
    as_of = board.board_day(desk.session, now=desk.now).as_of
    return board.standings(desk.session, desk.by, as_of=as_of)
