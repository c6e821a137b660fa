"""Contacts by their whole name, where no customer is called so."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from data.tables import Customer, Stakeholder
from services.access import visible
from services.ask.book import Desk
from services.ask.names import compared

MOST, MOST_WORDS = 100_000, 8


class Contact(NamedTuple):
    name: str
    title: str
    customer_id: int


def called(desk: Desk, typed: str) -> list[Contact]:
    """Those of one's customers with exactly this name, accents and case apart, by customer."""
    wanted = compared(typed)
    if not 2 <= len(wanted.split()) <= MOST_WORDS:
        return []
    s = Stakeholder
    rows = desk.session.execute(
        select(s.first_name, s.last_name, s.title, s.customer_id)
        .join(Customer, Customer.id == s.customer_id)
        .where(visible(desk.by))
        .order_by(s.customer_id, s.id)
        .limit(MOST)
    )
    named = (
        Contact(f"{first} {last}".strip(), title or "", owner) for first, last, title, owner in rows
    )
    return [one for one in named if compared(one.name) == wanted]
