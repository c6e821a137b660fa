"""What support tickets tell of a customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from data.tables import Customer, Ticket, TicketState
from services.ids import public_id
from services.plurals import plural
from services.timeline.entry import Entry

_OVER = ("solved", "closed")
_SAID = {
    "opened": (Ticket.opened_at, lambda row: f"Ticket {row.number} opened: {row.subject}"),
    "solved": (Ticket.solved_at, lambda row: f"Ticket {row.number} solved: {row.subject}"),
    "escalated": (
        Ticket.escalated_at,
        lambda row: f"Ticket {row.number} escalated to {row.escalated_to}: {row.subject}",
    ),
    "rated": (
        Ticket.csat_at,
        lambda row: f"Support was rated {row.csat} after ticket {row.number}: {row.subject}",
    ),
}
_LEVELS = {
    "acknowledge": "acknowledge",
    "satisfaction_check": "satisfaction check",
    "relationship_repair": "relationship repair",
}


def tickets(
    session: Session, customer: Customer, before: datetime | None, count: int
) -> list[Entry]:
    """Opened, solved, escalated, rated and opened again."""
    found = []
    for what, (at, words) in _SAID.items():
        wanted = select(Ticket).where(Ticket.customer_id == customer.id, Ticket.state != "deleted")
        if what == "rated":
            wanted = wanted.where(Ticket.csat.in_(("good", "bad")))
        found += _entries(session, wanted, at, before, count, words, what)
    return found + _reopened(session, customer, before, count)


def _entries(  # noqa: PLR0913 - the parts of a query
    session: Session,
    wanted: Any,
    at: InstrumentedAttribute[Any],
    before: datetime | None,
    count: int,
    words: Callable[[Any], str],
    what: str,
) -> list[Entry]:
    dated = wanted.where(at.is_not(None), *([at < before] if before else []))
    rows = session.scalars(dated.order_by(at.desc(), Ticket.id.desc()).limit(count))
    return [_entry(row, getattr(row, at.key), words(row), what) for row in rows]


def _reopened(
    session: Session, customer: Customer, before: datetime | None, count: int
) -> list[Entry]:
    """Changes back from solved, where the desk said what it was before."""
    state = aliased(TicketState)
    rows = session.execute(
        select(Ticket, state.at)
        .join(state, state.ticket_id == Ticket.id)
        .where(Ticket.customer_id == customer.id, Ticket.state != "deleted", state.what == "state")
        .where(state.before.in_(_OVER), state.value.not_in((*_OVER, "deleted")))
        .where(*([state.at < before] if before else []))
        .order_by(state.at.desc())
        .limit(count)
    )
    return [
        _entry(row, at, f"Ticket {row.number} opened again: {row.subject}", "reopened")
        for row, at in rows
    ]


def _entry(row: Ticket, at: datetime, title: str, what: str) -> Entry:
    said = [f"{row.severity} severity"] if row.severity and what == "opened" else []
    if what == "solved" and row.level:
        said.append(f"{_LEVELS[row.level]}, {plural(row.points or 0, 'point')}")
    return Entry(
        at=at,
        kind="ticket",
        title=title,
        detail=", ".join(said),
        screen="one_ticket",
        query=(("id", public_id("ticket", row.id)),),
    )
