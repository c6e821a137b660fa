"""The CSM told that a follow-up is written and waits for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import Customer, Draft, Ticket, TicketFollowUp
from services.drafts import Block
from services.ids import public_id
from services.notifications import Action, notify
from services.tickets.follow_up.records import SCREEN, SOURCE
from services.tickets.records import LEVEL_WORDS, REASON_WORDS


def tell_drafted(session: Session, one: TicketFollowUp, now: datetime) -> None:
    """Once per draft; nobody is told where nobody looks after the customer."""
    customer = session.get_one(Customer, one.customer_id)
    if customer.csm_id is None or one.draft_id is None:
        return
    ticket = session.get_one(Ticket, one.ticket_id)
    level = LEVEL_WORDS[one.level].lower()
    notify(
        session,
        customer.csm_id,
        f"{SOURCE}:{one.id}:drafted:{one.draft_id}",
        "ticket",
        f"{customer.name}: a {level} after ticket {ticket.number} waits for you",
        f"{REASON_WORDS[one.reason]}: {ticket.subject}. Nothing is sent before you have approved it.",
        customer_id=customer.id,
        actions=[
            Action("Read the draft", "draft", (("id", public_id("draft", one.draft_id)),)),
            Action("Ticket", SCREEN, (("id", public_id("ticket", ticket.id)),)),
        ],
        urgent=one.level == "relationship_repair",
        now=now,
    )


def tell_held(
    session: Session, one: TicketFollowUp, mail: Draft, block: Block, now: datetime
) -> None:
    """The owner of an approved mail, once per mail and reason, that it waits in the send queue for them."""
    if mail.owner_id is None:
        return
    ticket = session.get_one(Ticket, one.ticket_id)
    notify(
        session,
        mail.owner_id,
        f"{SOURCE}:{one.id}:held:{mail.id}:{block.code}",
        "ticket",
        f"The mail about ticket {ticket.number} waits for you in the send queue",
        block.words,
        customer_id=mail.customer_id,
        actions=[Action("Open the draft", "draft", (("id", public_id("draft", mail.id)),))],
        urgent=False,
        now=now,
    )
