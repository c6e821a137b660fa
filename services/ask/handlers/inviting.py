"""Whom an event fits, and invitations to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from data.tables import Event
from services.ask.answers import Answer, Block, Choice, Choices, Link, SpokenOf, Text
from services.ask.book import Desk, Happened
from services.ask.grammar import Intent
from services.ask.orders import MOST_AT_ONCE, Order
from services.ask.saying import Unclear, answered, links, mails, table, together
from services.ask.which import to_come
from services.ask.who import Chosen, choose, cut
from services.invitations.inviting import InvitePreview, invite_many, preview
from services.invitations.ranking import Ranking, rank
from services.invitations.ranking.people import contacts
from services.plurals import plural

LISTED, INVITED = 5, 3
SUCH = "recommended for it and free to be invited"


def whom(desk: Desk, intent: Intent) -> Answer:
    event = _events(desk, intent, lambda key: f"Whom should I invite to {key}")[0]
    count = intent.number("top", LISTED)
    found = _ranking(desk, event, min(count, MOST_AT_ONCE))
    rows = _listed(found, min(count, MOST_AT_ONCE))
    page = links(Link("invitations", "Open Invitations", {"id": event.key}))
    if rows.is_empty():
        said = f"Nobody is recommended for {event.label}: all are invited already, or it fits none."
        return answered(said, page, spoken_of=SpokenOf(event_id=event.id))
    numbers = tuple(rows["customer_id"])
    asked = cut(count if "top" in intent.slots else len(numbers), numbers, _order(desk, event))
    contact = _contacts(desk, event, numbers)
    told = [
        (row["customer"], _reasons(found, row["customer_id"]), contact[row["customer_id"]], f"{row['chance']:.0%}")
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    first = INVITED if len(numbers) >= INVITED else len(numbers)
    return Answer(
        (
            Text(event.label, "heading"),
            Text("Whom it fits best of those who are free:"),
            *asked.notes,
            table(("Customer", "Reason", "Contact", "Chance to come"), told),
            page,
            Choices((Choice(f"Draft invitations to the first {first}",
                            f"Send invitations to the top {first} for {event.key}"),)),
        ),
        customers=numbers,
        spoken_of=SpokenOf(event_id=event.id, recommended={str(event.id): numbers}),
    )  # fmt: skip


def invite(desk: Desk, intent: Intent) -> Answer:
    """Each customer to each event that is named."""
    who = intent.slots.get("who", "")
    events = _events(desk, intent, lambda key: f"Invite {who or f'the top {INVITED}'} to {key}")
    keys = ", ".join(one.key for one in events)
    wanted = [_chosen(desk, event, who, keys) for event in events]
    answers = [_invite(desk, *pair) for pair in zip(events, wanted, strict=True)]
    return together(answers)


def _chosen(desk: Desk, event: Happened, who: str, keys: str) -> Chosen:
    order = _order(desk, event)
    if not who:
        found = Chosen(tuple(order.best(INVITED)))
    else:
        found = choose(desk, who, lambda names: f"Invite {names} to {keys}", order)
    if not found.ids:
        raise Unclear(answered(f"Nobody is recommended for {event.label}. Name whom to invite.",
                               links(Link("invitations", "Open Invitations", {"id": event.key}))))  # fmt: skip
    return found


def _order(desk: Desk, event: Happened) -> Order:
    return Order(partial(_recommended, desk, event), SUCH)


def _invite(desk: Desk, event: Happened, chosen: Chosen) -> Answer:
    before = _profile(desk, event, chosen.ids[0]) if len(chosen.ids) == 1 else ()
    made = invite_many(desk.session, event.id, chosen.ids, by=desk.by, now=desk.now)
    blocks: list[Block] = [Text(f"Invitations to {event.label}", "heading"), *before, *chosen.notes]
    if made.draft_ids:
        blocks.append(
            Text(
                f"{plural(len(made.draft_ids), 'invitation')} drafted. Nothing is sent before you have read and sent it.",
                "good",
            )
        )  # fmt: skip
    blocks += [
        Text(f"No new invitation for {desk.names.get(number, 'a customer')}: {why}", "note")
        for number, why in made.left
    ]
    blocks += mails(made.draft_ids)
    key = {"id": event.key}
    blocks.append(links(Link("invitations", "Open Invitations", key), Link("drafts", "All drafts")))
    return Answer(
        tuple(blocks),
        customers=chosen.ids,
        spoken_of=SpokenOf(event_id=event.id, customers=chosen.ids, drafts=made.draft_ids),
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


def _events(desk: Desk, intent: Intent, rephrase: Callable[[str], str]) -> list[Happened]:
    """The events to come that are named, else the one spoken of, else the next."""
    if "event" not in intent.slots and all(one.over for one in desk.events):
        said = "No event is planned that one could invite to."
        raise Unclear(answered(said, links(Link("plan_event", "Plan an event"))))
    return to_come(desk, intent.slots.get("event", "the event"), rephrase)


@dataclass(frozen=True)
class Recommended:
    """An event to come and the customers it fits best, with why, for the report after a file."""

    event: Happened
    rows: tuple[tuple[str, str, str], ...]
    numbers: tuple[int, ...]


def recommended(desk: Desk, most: int = 2) -> list[Recommended]:
    coming = sorted((e for e in desk.events if not e.over), key=lambda one: (one.starts_at, one.id))
    found = []
    for event in coming[:most]:
        ranking = rank(desk.session, desk.by, event.id, desk.now)
        rows = _listed(ranking, INVITED)
        contact = _contacts(desk, event, tuple(rows["customer_id"]))
        told = tuple(
            (row["customer"], _reasons(ranking, row["customer_id"]), contact[row["customer_id"]])
            for row in rows.iter_rows(named=True)
        )
        found.append(Recommended(event, told, tuple(rows["customer_id"])))
    return found


def _recommended(desk: Desk, event: Happened, count: int) -> list[int]:
    """Those that were shown for this event, then the best of the list."""
    shown = desk.spoken_of.recommended.get(str(event.id), ())
    kept = [number for number in shown if number in desk.names][:count]
    if len(kept) == count:
        return kept
    listed = _listed(_ranking(desk, event, count), count)["customer_id"]
    return list(dict.fromkeys((*kept, *listed)))[:count]


def _ranking(desk: Desk, event: Happened, count: int) -> Ranking:
    """With a list that is long enough for so many."""
    found = rank(desk.session, desk.by, event.id, desk.now)
    if found.size >= count:
        return found
    return rank(desk.session, desk.by, event.id, desk.now, size=count)


def _listed(found: Ranking, count: int) -> pl.DataFrame:
    return found.rows.filter(pl.col("arm").is_not_null(), pl.col("blocker").is_null()).head(count)


def _contacts(desk: Desk, event: Happened, numbers: tuple[int, ...]) -> dict[int, str]:
    """By customer whom an invitation would go to."""
    row = desk.session.get_one(Event, event.id)
    there = contacts(desk.session, row, numbers, desk.now)
    return {number: there[number][0].name if there.get(number) else "–" for number in numbers}


def _reasons(found: Ranking, customer_id: int) -> str:
    return "; ".join(one.sentence for one in found.reasons.get(customer_id, ())[:2]) or "–"
