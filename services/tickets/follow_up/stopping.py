"""Follow-ups that must not go out as they are, because a ticket is open again."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.pieces import pieces
from data.tables import Draft, OutboxMail, Rating, Ticket, TicketFollowUp
from services import drafts
from services.drafts.wholes import carrier, carrier_of
from services.tickets.follow_up.sharing import let_go, solved_since, spoken_of
from services.tickets.records import OVER

log = logging.getLogger(__name__)
OPEN = ("waiting", "drafted")
GONE_STATES = ("rejected", "cancelled")


def stop_reopened(session: Session, ticket_ids: Collection[int], now: datetime) -> int:
    """Withdraw what is under way for a root cause of which one of these tickets is open, or was and is solved
    again since the draft about it was written; how many.

    A mail that is on the wire already cannot be called back: its follow-up stays.
    """
    f = TicketFollowUp
    stopped = 0
    for some in pieces(ticket_ids, 500):
        rows = session.execute(
            select(f, Ticket, Draft)
            .join(Ticket, Ticket.cluster_id == f.cluster_id)
            .outerjoin(Draft, Draft.id == f.draft_id)
            .where(f.state.in_(OPEN), Ticket.id.in_(some))
            .where(
                or_(
                    Ticket.state.not_in(OVER),
                    and_(f.state == "drafted", Ticket.solved_at > Draft.created_at),
                )
            )
            .order_by(f.id, Ticket.reopens.desc())
            # Tickets are written past the session's own objects.
            .execution_options(populate_existing=True)
        ).all()
        seen: set[int] = set()
        for one, ticket, draft in rows:
            if one.id not in seen and (ticket.state not in OVER or _anew(session, draft, ticket)):
                seen.add(one.id)
                stopped += _stop(session, one, ticket, now)
    return stopped


def _anew(session: Session, draft: Draft, ticket: Ticket) -> bool:
    return ticket.id in spoken_of(draft) and solved_since(session, draft, ticket)


def _stop(session: Session, one: TicketFollowUp, ticket: Ticket, now: datetime) -> bool:
    if ticket.state == "deleted":
        if ticket.id != one.ticket_id:
            return False
        return withdraw(session, one, f"Ticket {ticket.number} was deleted.", now)
    again = "was opened again" if ticket.reopens or ticket.id == one.ticket_id else "is open"
    return withdraw(session, one, f"Ticket {ticket.number} {again}.", now)


def withdraw(session: Session, one: TicketFollowUp, why: str, now: datetime) -> bool:
    """Withdraw a follow-up with its draft; False where the mail has left. What else the mail spoke for waits
    again."""
    tried: set[int] = set()
    while one.draft_id is not None and one.draft_id not in tried:
        tried.add(one.draft_id)
        if not _cancel(session, one.draft_id, why, now):
            return False
        let_go(session, one.draft_id, besides=one)
        # Somebody may have written it anew since it was read: then it is the new draft that must not leave.
        session.refresh(one, with_for_update=True)
    if one.state not in OPEN:
        return False
    one.state, one.why, one.closed_at, one.carrier_id = "withdrawn", why[:300], now, None
    # The page was never asked for by a mail that left.
    session.execute(delete(Rating).where(Rating.follow_up_id == one.id, Rating.score.is_(None)))
    session.flush()
    log.info("ticket_follow_up_withdrawn id=%s", one.id)
    return True


def _cancel(session: Session, draft_id: int, why: str, now: datetime) -> bool:
    draft = session.get(Draft, draft_id)
    if draft is None or carrier_of(session, draft).state in GONE_STATES:
        return True
    sent = select(OutboxMail.id).join(Draft, OutboxMail.draft_id == carrier())
    if session.scalar(sent.where(Draft.id == draft_id, OutboxMail.state == "sent")) is not None:
        return False
    try:
        drafts.cancel(session, draft_id, why, now=now)
    except InvalidMove:
        # Cancelled by somebody else meanwhile is not on the wire.
        return carrier_of(session, draft).state in GONE_STATES
    return True
