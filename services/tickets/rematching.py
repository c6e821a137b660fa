"""Requesters matched again after customers or answers have changed, with what hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from data.bulk import read_large, update_frame
from data.pieces import pieces
from data.tables import Ticket, TicketCluster, TicketFollowUp
from services.matching.book import CustomerBook
from services.matching.prepared import PreparedBook
from services.tickets.appraising import appraise
from services.tickets.follow_up.stopping import OPEN, withdraw
from services.tickets.people import rematch
from services.tickets.stored import table_of

_TICKET: dict[str, Any] = {
    "id": pl.Int64,
    "requester_id": pl.Int64,
    "customer_was": pl.Int64,
    "cluster_id": pl.Int64,
}
OTHERS = "It turned out to be another customer's ticket."


def rematch_requesters(
    session: Session, book: CustomerBook | PreparedBook, *, now: datetime
) -> int:
    """How many requesters changed. In the transaction, and the turn, of what changed the book."""
    changed = rematch(session, book)
    if changed.is_empty():
        return 0
    t = Ticket
    columns = select(t.id, t.requester_id, t.customer_id, t.cluster_id)
    held = read_large(session, columns.where(t.requester_id.is_not(None)), _TICKET)
    whose = changed.select("customer_id", "stakeholder_id", requester_id="id")
    touched = held.join(whose, on="requester_id", how="inner").sort("id")
    moved = touched.select("id", "customer_id", "stakeholder_id")
    update_frame(session, table_of(Ticket), moved, ["id"])
    gone = touched.filter(pl.col("customer_id").ne_missing(pl.col("customer_was")))
    _move_clusters(session, gone["cluster_id"].drop_nulls().unique().to_list())
    _stop_foreign(session, gone["id"].to_list(), now)
    appraise(session, gone["id"].to_list(), now=now)
    return changed.height


def _move_clusters(session: Session, cluster_ids: Sequence[int]) -> None:
    """A root cause goes along where all of its tickets did; else those that left it begin anew."""
    t, c = Ticket, TicketCluster
    for some in pieces(cluster_ids):
        rows = session.execute(
            select(t.cluster_id, func.min(t.customer_id), func.max(t.customer_id), func.count(),
                   func.count(t.customer_id))
            .where(t.cluster_id.in_(some))
            .group_by(t.cluster_id)
        ).all()  # fmt: skip
        for number, least, most, count, known in rows:
            if least is not None and least == most and count == known:
                session.execute(update(c).where(c.id == number).values(customer_id=least))
    for some in pieces(cluster_ids):
        whose = select(c.customer_id).where(c.id == t.cluster_id).scalar_subquery()
        strays = select(t.id).where(t.cluster_id.in_(some), t.customer_id.is_distinct_from(whose))
        ids = session.scalars(strays).all()
        session.execute(update(t).where(t.id.in_(ids)).values(cluster_id=None))


def _stop_foreign(session: Session, ticket_ids: Sequence[int], now: datetime) -> None:
    """Nothing may go to a customer about a ticket that is another one's."""
    f = TicketFollowUp
    for some in pieces(ticket_ids, 500):
        rows = session.scalars(
            select(f)
            .join(Ticket, Ticket.id == f.ticket_id)
            .where(f.state.in_(OPEN), f.ticket_id.in_(some))
            .where(Ticket.customer_id.is_distinct_from(f.customer_id))
        )
        for one in rows.all():
            withdraw(session, one, OTHERS, now)
