"""What speaks against sending a follow-up when it is approved, which may be days after it was made, and when
it is about to leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, OutboxMail, Ticket, TicketFollowUp
from services.access.day import day_of
from services.drafts import Block, add_check
from services.drafts.holding import MERGED, parts_of
from services.drafts.wholes import carrier_of
from services.outbox import add_hold
from services.plurals import plural
from services.tickets.follow_up.phrases import has_phone
from services.tickets.follow_up.promises import promised
from services.tickets.follow_up.records import KIND, SOURCE
from services.tickets.follow_up.restraint import open_long, open_siblings
from services.tickets.follow_up.sharing import said_elsewhere, solved_since, tickets_of
from services.tickets.follow_up.telling import tell_held
from services.tickets.records import OVER

OPEN_TICKET, OPEN_LONG, ASKED = "ticket_open", "ticket_open_long", "rating_asked"
OTHERS_TICKET, SAID_TWICE, SOLVED_AGAIN = "others_ticket", "said_twice", "ticket_solved_again"
OWNERS = (OTHERS_TICKET, SAID_TWICE, SOLVED_AGAIN)
"""What only the owner of an approved mail can put right."""
NO_PHONE, NO_RESOLUTION = "no_direct_phone", "no_resolution"
NO_DAY = "promise_without_day"


@add_check
def ticket_blocks(
    session: Session, some: Sequence[Draft], now: datetime
) -> Mapping[int, Sequence[Block]]:
    """No mail says that all is well while a ticket is open; a repair has a phone number under it."""
    found: dict[int, list[Block]] = {}
    for draft, one in _ours(session, some):
        tickets = tickets_of(session, draft, one)
        blocks = [
            *_of_tickets(session, draft, tickets, now),
            *_of_rating(draft.text, draft, tickets),
        ]
        blocks += _of_words(draft, tickets[:1])
        blocks += _of_promises(draft, day_of(session, draft.owner_id, now))
        if blocks:
            found[draft.id] = blocks
    return found


@add_hold
def ticket_hold(session: Session, row: OutboxMail, now: datetime) -> str | None:
    """What came after approval holds the mail until it is put right, or the mail comes too late. A ticket is
    solved again by others; what only the owner can put right, they are told of."""
    if row.draft_id is None or row.kind not in (KIND, MERGED):
        return None
    mail = session.get_one(Draft, row.draft_id)
    ids = [mail.id, *parts_of(mail)]
    some = session.scalars(select(Draft).where(Draft.id.in_(ids))).all()
    for draft, one in _ours(session, some):
        tickets = tickets_of(session, draft, one)
        for block in _of_tickets(session, draft, tickets, now):
            if block.hard:
                if block.code in OWNERS:
                    tell_held(session, one, mail, block, now)
                return block.words
        for block in _of_rating(mail.text, draft, tickets):
            again = replace(block, words=f"{block.words} Then approve it anew.")
            tell_held(session, one, mail, again, now)
            return block.words
    return None


def _ours(session: Session, some: Sequence[Draft]) -> list[tuple[Draft, TicketFollowUp]]:
    ours = {one.source_id: one for one in some if one.source == SOURCE and one.kind == KIND}
    if not ours:
        return []
    rows = session.scalars(select(TicketFollowUp).where(TicketFollowUp.id.in_(ours)))
    return [(ours[one.id], one) for one in rows]


def _of_tickets(
    session: Session, draft: Draft, tickets: Sequence[Ticket], now: datetime
) -> Iterator[Block]:
    away = (
        "take its approval back and reject it"
        if carrier_of(session, draft).state == "approved"
        else "reject it"
    )
    for ticket in tickets:
        if ticket.customer_id != draft.customer_id:
            words = f"Ticket {ticket.number} turned out to be another customer's. This mail must not leave: {away}."
            yield Block(OTHERS_TICKET, words, hard=True)
        elif ticket.state not in (*OVER, "deleted"):
            words = f"Ticket {ticket.number} is open again. Wait until it is solved, or {away}."
            yield Block(OPEN_TICKET, words, hard=True)
        elif said_elsewhere(session, draft, ticket):
            words = f"Another mail speaks of ticket {ticket.number}, too. Only one of the two may leave: if it is not this one, {away}."
            yield Block(SAID_TWICE, words, hard=True)
        elif solved_since(session, draft, ticket):
            words = f"Ticket {ticket.number} came back and was solved again since this was written. What it says is out of date: {away}, then it is written anew."
            yield Block(SOLVED_AGAIN, words, hard=True)
    yield from _of_siblings(session, tickets, now)


def _of_siblings(session: Session, tickets: Sequence[Ticket], now: datetime) -> Iterator[Block]:
    """The customer's tickets that are open, besides those that it speaks of."""
    near = dict(found for ticket in tickets for found in open_siblings(session, ticket, now))
    far = dict(open_long(session, tickets[0], now)) if tickets else {}
    spoken = {ticket.number for ticket in tickets}
    for number, subject in near.items():
        if number not in spoken:
            words = (
                f"Ticket {number} of this customer is open ({subject}). Wait until it is solved."
            )
            yield Block(OPEN_TICKET, words, hard=True)
    for number, subject in far.items():
        if number not in spoken | near.keys():
            words = f"Ticket {number} of this customer has been open for long ({subject}). Is it time to say that all is well?"
            yield Block(OPEN_LONG, words, hard=False)


def _of_rating(text: str, draft: Draft, tickets: Sequence[Ticket]) -> Iterator[Block]:
    """`text` is what leaves: it may be that of a mail which this draft became a part of."""
    url = (draft.values or {}).get("rating_url")
    if url and url in text and any(ticket.csat for ticket in tickets):
        words = "The desk has asked for a rating itself by now. Take our link out: nobody is asked twice."
        yield Block(ASKED, words, hard=True)


def _of_promises(draft: Draft, day: date) -> Iterator[Block]:
    for promise in promised(draft.text, day):
        if not promise.dated:
            words = (
                f"“{promise.sentence[:200]}” names a time that cannot be read: the reminder is set for"
                f" {plural(promise.days, 'day')} after sending. Write a day, such as “on Friday” or “by 3 December”."
            )
            yield Block(NO_DAY, words, hard=False)


def _of_words(draft: Draft, tickets: Sequence[Ticket]) -> Iterator[Block]:
    if draft.template != "tickets/acknowledge" and not has_phone(draft.text):
        words = "It gives no phone number to call. Add yours to your signature under Mailboxes."
        yield Block(NO_PHONE, words, hard=False)
    if any(not (ticket.resolution or "").strip() for ticket in tickets):
        words = "The desk does not tell how it was resolved. Say so in a sentence, if you know."
        yield Block(NO_RESOLUTION, words, hard=False)
