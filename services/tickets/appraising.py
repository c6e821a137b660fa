"""What has to be looked at anew once something is told of tickets: causes, weight, and what is under way."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Ticket
from data.versions import TICKETS as VERSION
from data.versions import bump
from services.tickets.clusters import assign
from services.tickets.follow_up.stopping import stop_reopened
from services.tickets.weighing import weigh_tickets


def appraise(session: Session, ticket_ids: Collection[int], *, now: datetime) -> None:
    """Bring root causes, levels and follow-ups in line with these tickets, in the caller's transaction."""
    ids = sorted(set(ticket_ids))
    if not ids:
        return
    customers: set[int] = set()
    for some in pieces(ids):
        customers.update(
            number
            for number in session.scalars(
                select(Ticket.customer_id).where(Ticket.id.in_(some)).distinct()
            )
            if number is not None
        )
    assign(session, customers, now)
    weigh_tickets(session, ids, now)
    stop_reopened(session, ids, now)
    bump(session, VERSION)
