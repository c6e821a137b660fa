"""What stands in the way of a follow-up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from data.tables import Ticket, TicketFollowUp
from services.tickets.follow_up.sharing import given_up
from services.tickets.records import OVER
from services.tickets.terms import TOGETHER

SEVERE = ("urgent", "high")
NOT_OVER = "It is not solved yet. It is weighed, and can be followed up, once it is."


def hindrances(session: Session, ticket: Ticket, now: datetime) -> tuple[str, ...]:
    """In sentences; nothing where a follow-up can be made now."""
    if ticket.customer_id is None:
        return ("Nobody knows whose it is. Say so under Match review, then it can be followed up.",)
    if ticket.state not in OVER:
        return (NOT_OVER,)
    found = [
        f"Ticket {number} of the same customer is still open ({subject}). One mail speaks of both once it is solved."
        for number, subject in open_siblings(session, ticket, now)
    ]
    f = TicketFollowUp
    known = session.scalar(
        select(f)
        .where(f.cluster_id == ticket.cluster_id, f.state.in_(("waiting", "drafted", "sent")))
        .order_by(f.id.desc())
        .limit(1)
    )
    if known and known.state == "drafted":
        lost = given_up(session, [known.draft_id] if known.draft_id else [])
        if known.draft_id in lost:
            return tuple(found)
        found.append("There is a draft already: it waits for approval.")
    elif known and known.sent_at and known.sent_at >= (ticket.solved_at or ticket.opened_at):
        found.append("It has been followed up: one mail goes out for one root cause.")
    return tuple(found)


def open_siblings(session: Session, ticket: Ticket, now: datetime) -> list[tuple[str, str]]:
    """Number and subject of open tickets that no mail may pass by: of the same root cause, and of the
    customer's the severe ones and those of late."""
    return _open(session, ticket, _holds(ticket, now))


def open_long(session: Session, ticket: Ticket, now: datetime) -> list[tuple[str, str]]:
    """Number and subject of the customer's other open tickets: reasons to think twice, no more."""
    return _open(session, ticket, not_(_holds(ticket, now)))


def _holds(ticket: Ticket, now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Ticket.cluster_id.is_not(None), Ticket.cluster_id == ticket.cluster_id),
        Ticket.opened_at >= now - TOGETHER,
        func.coalesce(Ticket.severity, "normal").in_(SEVERE),
    )


def _open(session: Session, ticket: Ticket, which: ColumnElement[bool]) -> list[tuple[str, str]]:
    rows = session.execute(
        select(Ticket.number, Ticket.subject)
        .where(
            Ticket.customer_id == ticket.customer_id,
            Ticket.id != ticket.id,
            Ticket.state.not_in((*OVER, "deleted")),
            which,
        )
        .order_by(Ticket.opened_at.desc())
        .limit(5)
    )
    return [(number, subject) for number, subject in rows]
