"""Whom an event fits, and invitations to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from services.ask.answers import Answer, Block, Choice, Choices, DraftShown, Link, SpokenOf, Text
from services.ask.book import Desk, Happened
from services.ask.grammar import Intent
from services.ask.names import find_all
from services.ask.saying import (
    Unclear,
    all_meant,
    answered,
    links,
    meant,
    table,
)
from services.errors import InvalidMove
from services.invitations.inviting import InvitePreview, invite_many, preview
from services.invitations.ranking import Ranking, rank
from services.plurals import plural

LISTED, INVITED, MOST_SHOWN = 5, 3, 10
THEM = {"them", "these", "those", "all of them", "these customers", "those customers", "everyone"}


def whom(desk: Desk, intent: Intent) -> Answer:
    event = _event(desk, intent, lambda key: f"Whom should I invite to {key}")
    found = rank(desk.session, desk.by, event.id, desk.now)
    rows = _listed(found, LISTED)
    page = links(Link("invitations", "Open Invitations", {"id": event.key}))
    if rows.is_empty():
        said = f"Nobody is recommended for {event.label}: all are invited already, or it fits none."
        return answered(said, page, spoken_of=SpokenOf(event_id=event.id))
    numbers = tuple(rows["customer_id"])
    told = [
        (row["customer"], _reasons(found, row["customer_id"]), f"{row['chance']:.0%}")
        for row in rows.iter_rows(named=True)
    ]
    first = INVITED if len(numbers) >= INVITED else len(numbers)
    return Answer(
        (
            Text(event.label, "heading"),
            Text("Whom it fits best of those who are free:"),
            table(("Customer", "Why", "Chance to come"), told),
            page,
            Choices((Choice(f"Draft invitations to the first {first}",
                            f"Send invitations to the top {first} for {event.key}"),)),
        ),
        customers=numbers,
        spoken_of=SpokenOf(event_id=event.id, recommended={str(event.id): numbers}),
    )  # fmt: skip


def invite(desk: Desk, intent: Intent) -> Answer:
    who = intent.slots.get("who", "")
    top = intent.slots.get("top")
    event = _event(desk, intent, lambda key: f"Invite {who or f'top {top or INVITED}'} to {key}")
    if who.casefold() in THEM:
        chosen = list(desk.spoken_of.customers)[:MOST_SHOWN]
        if not chosen:
            raise Unclear(answered("Whom? Name the customers, such as “Invite TechCorp to the webinar”."))  # fmt: skip
    elif who:
        matches = find_all(who, desk.customers)
        chosen = [
            one.id for one in all_meant(matches, lambda keys: f"Invite {keys} to {event.key}")
        ]
    else:
        chosen = _recommended(desk, event, min(intent.number("top", INVITED), MOST_SHOWN))
    if not chosen:
        raise Unclear(answered(f"Nobody is recommended for {event.label}. Name whom to invite.",
                               links(Link("invitations", "Open Invitations", {"id": event.key}))))  # fmt: skip
    return _invite(desk, event, chosen)


def _invite(desk: Desk, event: Happened, chosen: list[int]) -> Answer:
    names = {one.id: one.name for one in desk.customers}
    before = _profile(desk, event, chosen[0]) if len(chosen) == 1 else ()
    made = invite_many(desk.session, event.id, chosen, by=desk.by, now=desk.now)
    blocks: list[Block] = [Text(f"Invitations to {event.label}", "heading"), *before]
    if made.draft_ids:
        blocks.append(
            Text(
                f"{plural(len(made.draft_ids), 'invitation')} drafted. Nothing is sent before you have read and sent it.",
                "good",
            )
        )  # fmt: skip
    blocks += [
        Text(f"{names.get(number, 'A customer')} is not invited: {why}", "note")
        for number, why in made.left
    ]
    blocks += [DraftShown(number) for number in made.draft_ids]
    key = {"id": event.key}
    blocks.append(links(Link("invitations", "Open Invitations", key), Link("drafts", "All drafts")))
    return Answer(
        tuple(blocks),
        customers=tuple(chosen),
        spoken_of=SpokenOf(event_id=event.id, drafts=made.draft_ids),
        deeds=tuple(("invitation", number) for number in made.invitation_ids),
    )


def _profile(desk: Desk, event: Happened, customer_id: int) -> tuple[Block, ...]:
    """Of the event and the customer what the invitation is made of."""
    found = preview(desk.session, desk.by, event.id, customer_id, desk.now)
    rows = [
        ("Event", found.event.name), ("When", found.event.when), ("Where", found.event.where),
        ("Industry", found.house.industry), *_person(found),
        ("What they are after", ", ".join((*found.house.goals, *found.house.interests)[:4]) or None),
    ]  # fmt: skip
    blocks: list[Block] = [table(("", found.house.name), [row for row in rows if row[1]])]
    if found.composed and found.composed.picks:
        picks = [(one.session.title, one.reason or "–") for one in found.composed.picks]
        blocks.append(table(("Session picked", "Why"), picks))
    return tuple(blocks)


def _person(found: InvitePreview) -> list[tuple[str, str]]:
    told = []
    if found.contact:
        title = f" ({found.contact.title})" if found.contact.title else ""
        told.append(("Contact", f"{found.contact.name}{title}"))
    if found.composed:
        seat = found.composed.seat.replace("_", " ")
        told.append(("Seat", f"{seat}: {found.composed.seat_why}" if found.composed.seat_why else seat))  # fmt: skip
    return told


def _event(desk: Desk, intent: Intent, rephrase: Callable[[str], str]) -> Happened:
    """The event to come that is named, else the one spoken of, else the next."""
    match = desk.event(intent.slots.get("event", "the event"), over=False)
    if match.one is None and not match.several and "event" not in intent.slots:
        said = "No event is planned that one could invite to."
        raise Unclear(answered(said, links(Link("plan_event", "Plan an event"))))
    event = meant(match, "event", rephrase)
    assert isinstance(event, Happened)
    if event.over:
        raise InvalidMove(f"{event.label} is over: nobody can be invited to it any more.")
    return event


@dataclass(frozen=True)
class Recommended:
    """An event to come and the customers it fits best, with why, for the report after a file."""

    event: Happened
    rows: tuple[tuple[str, str], ...]
    numbers: tuple[int, ...]


def recommended(desk: Desk, most: int = 2) -> list[Recommended]:
    coming = sorted((e for e in desk.events if not e.over), key=lambda one: (one.starts_at, one.id))
    found = []
    for event in coming[:most]:
        ranking = rank(desk.session, desk.by, event.id, desk.now)
        rows = _listed(ranking, INVITED)
        told = tuple(
            (row["customer"], _reasons(ranking, row["customer_id"]))
            for row in rows.iter_rows(named=True)
        )
        found.append(Recommended(event, told, tuple(rows["customer_id"])))
    return found


def _recommended(desk: Desk, event: Happened, count: int) -> list[int]:
    """Those that were shown for this event, else the best of the list."""
    shown = desk.spoken_of.recommended.get(str(event.id), ())
    mine = {one.id for one in desk.customers}
    kept = [number for number in shown if number in mine][:count]
    if kept:
        return kept
    return list(_listed(rank(desk.session, desk.by, event.id, desk.now), count)["customer_id"])


def _listed(found: Ranking, count: int) -> pl.DataFrame:
    return found.rows.filter(pl.col("arm").is_not_null(), pl.col("blocker").is_null()).head(count)


def _reasons(found: Ranking, customer_id: int) -> str:
    return "; ".join(one.sentence for one in found.reasons.get(customer_id, ())[:2]) or "–"
