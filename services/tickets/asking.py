"""Which ticket somebody speaks of: by its number, or by the customer and what it was about."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.tables import Customer, Ticket
from services.access import Viewer, visible
from services.tickets.listing import rows_of, seen_by
from services.tickets.records import OVER, TicketRow

_TOKEN = re.compile(r"[^\s,;:!?]+")
_WORD = re.compile(r"[^\W_]{3,}")
_MOST_TOKENS, _MOST_TICKETS, _LONGEST = 30, 50, 200
_COMMAND = frozenset(
    "follow up with on after support ticket tickets their the resolved solved issue re engage about".split()  # noqa: SIM905
)


def asked(session: Session, by: Viewer, words: str) -> tuple[TicketRow, ...]:
    """Tickets of customers one sees, the likeliest first: the one whose number stands in `words`; else of the
    customer that is named the solved ones, those first that share words with what was said.

    BadInput when nothing was said, NotFound when there is no such ticket.
    """
    said = words.strip()[:_LONGEST]
    tokens = [one.strip("#.()\"'").lower() for one in _TOKEN.findall(said)][:_MOST_TOKENS]
    numbers = sorted({one for one in tokens if any(c.isdigit() for c in one)})
    if not tokens:
        raise BadInput("Give the number of a ticket, or the customer it is of.")
    found = rows_of(session, Ticket.id.in_(_ids(session, by, numbers))) if numbers else ()
    if not found:
        found = _of_customer(session, by, said, set(tokens))
    if not found:
        raise NotFound(
            "There is no such ticket of your customers. Give its number as the desk shows it."
        )
    return found


def _ids(session: Session, by: Viewer, numbers: list[str]) -> list[int]:
    wanted = select(Ticket.id).where(
        Ticket.number_key.in_(numbers), Ticket.state != "deleted", seen_by(by)
    )
    return list(session.scalars(wanted.limit(_MOST_TICKETS)))


def _of_customer(
    session: Session, by: Viewer, said: str, tokens: set[str]
) -> tuple[TicketRow, ...]:
    names = session.execute(select(Customer.id, Customer.name).where(visible(by))).all()
    lower = said.lower()
    named = [number for number, name in names if name and name.lower() in lower]
    if not named:
        return ()
    longest = max(len(name) for number, name in names if number in named)
    ours = [number for number, name in names if number in named and len(name) == longest]
    newest = (
        select(Ticket.id)
        .where(Ticket.customer_id.in_(ours), Ticket.state.in_(OVER))
        .order_by(Ticket.solved_at.desc())
        .limit(_MOST_TICKETS)
    )
    rows = rows_of(session, Ticket.id.in_(list(session.scalars(newest))))
    wanted = tokens - _COMMAND
    return tuple(sorted(rows, key=lambda row: -len(wanted & _words(row))))


def _words(row: TicketRow) -> set[str]:
    return set(_WORD.findall(f"{row.subject} {row.area or ''}".lower()))
