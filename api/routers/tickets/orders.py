"""What people ask of a ticket through the API."""

from __future__ import annotations

from pydantic import Field

from api.routers.tickets.shapes import Level, Shaped


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
