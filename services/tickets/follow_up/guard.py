"""What speaks against sending a follow-up when it is approved, which may be days after it was made, and when
it is about to leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, OutboxMail, Ticket, TicketFollowUp
from services.drafts import Block, add_check
from services.drafts.holding import MERGED, parts_of
from services.outbox import add_hold
from services.tickets.follow_up.phrases import has_phone
from services.tickets.follow_up.promises import promised
from services.tickets.follow_up.records import KIND, SOURCE
from services.tickets.follow_up.restraint import open_long, open_siblings
from services.tickets.records import OVER

OPEN_TICKET, OPEN_LONG, ASKED = "ticket_open", "ticket_open_long", "rating_asked"
NO_PHONE, NO_RESOLUTION = "no_direct_phone", "no_resolution"
NO_DAY = "promise_without_day"


@add_check
def ticket_blocks(
    session: Session, some: Sequence[Draft], now: datetime
) -> Mapping[int, Sequence[Block]]:
    """No mail says that all is well while a ticket is open; a repair has a phone number under it."""
    ours = {one.source_id: one for one in some if one.source == SOURCE and one.kind == KIND}
    if not ours:
        return {}
    f = TicketFollowUp
    rows = session.execute(
        select(f.id, Ticket).join(Ticket, Ticket.id == f.ticket_id).where(f.id.in_(ours))
    ).all()
    return {
        ours[number].id: blocks
        for number, ticket in rows
        if (blocks := list(_blocks(session, ours[number], ticket, now)))
    }


@add_hold
def ticket_hold(session: Session, row: OutboxMail, now: datetime) -> str | None:
    """What was opened after approval holds the mail, until it is solved or the mail comes too late."""
    if row.draft_id is None or row.kind not in (KIND, MERGED):
        return None
    ids = [row.draft_id, *parts_of(session.get_one(Draft, row.draft_id))]
    some = session.scalars(select(Draft).where(Draft.id.in_(ids))).all()
    found = [block for blocks in ticket_blocks(session, some, now).values() for block in blocks]
    return next((block.words for block in found if block.code == OPEN_TICKET), None)


def _blocks(session: Session, draft: Draft, ticket: Ticket, now: datetime) -> Iterator[Block]:
    yield from _of_open_tickets(session, ticket, now)
    yield from _of_words(draft, ticket)
    for promise in promised(draft.text, now.date()):
        if not promise.dated:
            words = (
                f"“{promise.sentence[:200]}” names a time that cannot be read: the reminder is set for"
                f" {promise.days} days after sending. Write a day, such as “on Friday” or “by 3 December”."
            )
            yield Block(NO_DAY, words, hard=False)


def _of_open_tickets(session: Session, ticket: Ticket, now: datetime) -> Iterator[Block]:
    if ticket.state not in OVER:
        words = (
            f"Ticket {ticket.number} is open again. Wait until it is solved, or reject this mail."
        )
        yield Block(OPEN_TICKET, words, hard=True)
    for number, subject in open_siblings(session, ticket, now):
        words = f"Ticket {number} of this customer is open ({subject}). Wait until it is solved."
        yield Block(OPEN_TICKET, words, hard=True)
    for number, subject in open_long(session, ticket, now):
        words = f"Ticket {number} of this customer has been open for long ({subject}). Is it time to say that all is well?"
        yield Block(OPEN_LONG, words, hard=False)


def _of_words(draft: Draft, ticket: Ticket) -> Iterator[Block]:
    url = (draft.values or {}).get("rating_url")
    if ticket.csat and url and url in draft.text:
        words = "The desk has asked for a rating itself by now. Take our link out: nobody is asked twice."
        yield Block(ASKED, words, hard=True)
    if draft.template != "tickets/acknowledge" and not has_phone(draft.text):
        words = "It gives no phone number to call. Add yours to your signature under Mailboxes."
        yield Block(NO_PHONE, words, hard=False)
    if not (ticket.resolution or "").strip():
        words = "The desk does not tell how it was resolved. Say so in a sentence, if you know."
        yield Block(NO_RESOLUTION, words, hard=False)
