"""Tickets as they are on record, as frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, Table, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.bulk import read_frame, read_large
from data.tables import Ticket, TicketMessage, TicketState
from services.tickets.history import HISTORY, MOMENT

TICKET: dict[str, Any] = {
    "id": pl.Int64,
    "desk": pl.String,
    "number": pl.String,
    "number_key": pl.String,
    "url": pl.String,
    "subject": pl.String,
    "state": pl.String,
    "severity": pl.String,
    "kind": pl.String,
    "channel": pl.String,
    "area": pl.String,
    "tags": pl.String,
    "requester_id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "agent": pl.String,
    "team": pl.String,
    "people": pl.Int64,
    "opened_at": MOMENT,
    "solved_at": MOMENT,
    "updated_at": MOMENT,
    "first_reply_minutes": pl.Int64,
    "replies": pl.Int64,
    "reopens": pl.Int64,
    "escalated_at": MOMENT,
    "escalated_to": pl.String,
    "csat": pl.String,
    "csat_comment": pl.String,
    "csat_at": MOMENT,
    "resolution": pl.String,
    "sentiment": pl.String,
    "phrases": pl.String,
}
MESSAGE: dict[str, Any] = {
    "ticket_id": pl.Int64,
    "key": pl.String,
    "author": pl.String,
    "requester_id": pl.Int64,
    "internal": pl.Boolean,
    "text": pl.String,
    "at": MOMENT,
}
ADDED: dict[str, Any] = {"ticket_id": pl.Int64, "key": pl.String, "message": pl.Boolean}
"""What a telling added to tickets: changes and, where `message`, what was written."""
_PIECE, _FEW = 500, 5_000


def tickets(session: Session, desk: str, number_keys: Sequence[str]) -> pl.DataFrame:
    """TICKET of those of a desk that are on record."""
    columns = select(*(table_of(Ticket).c[name] for name in TICKET)).where(Ticket.desk == desk)
    if len(number_keys) > _FEW:
        wanted = pl.DataFrame({"number_key": number_keys})
        return read_large(session, columns, TICKET).join(wanted, on="number_key", how="semi")
    return _pieces(session, columns, Ticket.number_key, number_keys, TICKET)


def history(session: Session, ticket_ids: Sequence[int]) -> pl.DataFrame:
    """HISTORY of these tickets."""
    columns = select(*(table_of(TicketState).c[name] for name in HISTORY))
    return _pieces(session, columns, TicketState.ticket_id, ticket_ids, HISTORY)


def messages(session: Session, ticket_ids: Sequence[int]) -> pl.DataFrame:
    """MESSAGE of these tickets."""
    columns = select(*(table_of(TicketMessage).c[name] for name in MESSAGE))
    return _pieces(session, columns, TicketMessage.ticket_id, ticket_ids, MESSAGE)


def _pieces(
    session: Session,
    columns: Select[Any],
    of: InstrumentedAttribute[Any],
    keys: Sequence[Any],
    schema: dict[str, Any],
) -> pl.DataFrame:
    found = [pl.DataFrame(schema=schema)]
    for start in range(0, len(keys), _PIECE):
        some = columns.where(of.in_(keys[start : start + _PIECE]))
        found.append(read_frame(session, some, schema))
    return pl.concat(found)


def table_of(mapped: type[Any]) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)
    return table
