"""What people ask of a ticket through the API, and which ticket they mean."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from api.auth import By
from api.routers.tickets.shapes import Level, Shaped
from data.errors import NotFound
from services.clock import utc_now
from services.ids import read_id
from services.tickets.asking import asked
from services.tickets.listing import listing
from services.tickets.one_ticket import get_ticket
from services.tickets.records import Filters


class NewLevel(Shaped):
    level: Level
    why: str = Field(min_length=1, max_length=500)


class RootCause(Shaped):
    same_as: str | None = Field(
        max_length=60,
        description="Another ticket of the customer, whose tickets have this one's cause; null: one of its own",
    )


class Reading(Shaped):
    stakeholder_id: str | None = Field(
        default=None,
        max_length=60,
        description="Whom it is written to; without one it is whoever asked for help",
    )


class Command(Reading):
    ticket: str | None = Field(
        default=None,
        max_length=200,
        description="Its number or id; without one it is the customer's last solved ticket",
    )


def named(session: Any, by: By, customer: int, words: str) -> int:
    """The ticket of this customer that is meant."""
    if words.strip():
        try:
            number = read_id("ticket", words.strip())
            rows = [get_ticket(session, by, number, utc_now()).row]
        except NotFound:
            rows = asked(session, by, words)
    else:
        wanted = Filters(customer_id=customer, state="over")
        found = listing(session, by, utc_now(), filters=wanted, limit=200).rows
        rows = sorted(found, key=lambda row: row.solved_at or row.updated_at, reverse=True)
    mine = [row.id for row in rows if row.customer_id == customer]
    if not mine:
        raise NotFound("This customer has no such solved ticket.")
    return mine[0]
