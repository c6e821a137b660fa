"""What an upload told of tickets, taken back."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.bulk import delete_frame, read_large, update_frame
from data.tables import (
    Ticket,
    TicketFollowUp,
    TicketLevel,
    TicketMessage,
    TicketRequester,
    TicketState,
)
from data.versions import TICKETS as VERSION
from data.versions import bump
from services.matching.turn import take_turn
from services.tickets import stored
from services.tickets.appraising import appraise
from services.tickets.history import MOMENT, fold
from services.tickets.stored import TICKET, table_of

_PIECE = 500
_FOLDED = ("state", "severity", "csat", "csat_at", "escalated_to", "escalated_at", "solved_at")
_WHOSE = {"requester_id": pl.Int64, "customer_id": pl.Int64, "stakeholder_id": pl.Int64}


def take_back(session: Session, before: pl.DataFrame, added: pl.DataFrame, *, now: datetime) -> int:
    """Remove what was `added` (services.tickets.stored.ADDED), and the tickets that nothing else tells of; the others are what they were
    `before` (services.tickets.intake.Taken) where nothing newer has come since. Gives how many tickets are gone.

    A ticket that a follow-up speaks of stays, as deleted, and the follow-up is withdrawn if it has not
    left. What another upload told as well is gone too:
    it has to be taken in again by the caller.
    """
    take_turn(session)
    ids = pl.concat([added["ticket_id"], before["id"]]).unique().sort()
    for mapped, messages in ((TicketState, False), (TicketMessage, True)):
        wanted = added.filter(pl.col("message") == messages).select("ticket_id", "key")
        delete_frame(session, table_of(mapped), wanted)
    left = stored.history(session, ids.to_list())
    born = ids.to_frame("id").join(before, on="id", how="anti")
    alone = born.join(left, left_on="id", right_on="ticket_id", how="anti")["id"]
    kept = _spoken_of(session, alone.to_list())
    gone = [number for number in alone.to_list() if number not in kept]
    for start in range(0, len(gone), _PIECE):
        some = gone[start : start + _PIECE]
        for mapped in (TicketLevel, TicketMessage, TicketState):
            session.execute(delete(mapped).where(mapped.ticket_id.in_(some)))
        session.execute(delete(Ticket).where(Ticket.id.in_(some)))
    if kept:
        hidden = pl.DataFrame({"id": sorted(kept)}).with_columns(state=pl.lit("deleted"))
        update_frame(session, table_of(Ticket), hidden, ["id"])
    _restore(session, before, left)
    session.flush()
    session.expire_all()  # what follows reads what was written past the session's own objects
    appraise(session, set(ids.to_list()) - set(gone), now=now)
    bump(session, VERSION)
    return len(alone)


def _spoken_of(session: Session, ids: list[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), _PIECE):
        some = ids[start : start + _PIECE]
        asked = select(TicketFollowUp.ticket_id).where(TicketFollowUp.ticket_id.in_(some))
        found |= set(session.scalars(asked))
    return found


def _restore(session: Session, before: pl.DataFrame, left: pl.DataFrame) -> None:
    """Plain columns of tickets that were known before and that nobody has told of since, with the course
    that their history leaves them and the customer that their requester is taken for by now."""
    ids = before["id"].to_list()
    t, r = Ticket, TicketRequester
    rows = [
        row
        for start in range(0, len(ids), _PIECE)
        for row in session.execute(
            select(t.id, t.updated_at).where(t.id.in_(ids[start : start + _PIECE]))
        ).all()
    ]
    schema = {"id": pl.Int64, "updated_after": MOMENT}
    same = before.join(pl.DataFrame(rows, schema, orient="row"), on=["id", "updated_after"])
    if same.is_empty():
        return
    people = read_large(session, select(r.id, r.customer_id, r.stakeholder_id), _WHOSE)
    folded = fold(left).select("ticket_id", *_FOLDED)
    known = (
        same.drop(*_FOLDED, "customer_id", "stakeholder_id")
        .join(folded, left_on="id", right_on="ticket_id", how="inner")
        .join(people, on="requester_id", how="left")
    )
    update_frame(session, table_of(Ticket), known.select(TICKET.keys()), ["id"])
