"""Tickets, levels and follow-ups as the API tells them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.ids import public_id
from services.tickets.records import FollowUpView, LevelView, TicketRow, TicketView

Level = Literal["acknowledge", "satisfaction_check", "relationship_repair"]
_WHY_NO_LEVEL = "null: not solved yet, so not weighed"


class Shaped(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Recorded(Shaped):
    new: int = Field(description="Tickets that were not known")
    known: int = Field(description="Tickets that were")
    changes: int = Field(description="Changes added to their histories")
    ticket_ids: list[str]


class TicketLine(Shaped):
    id: str
    number: str
    desk: str
    url: str | None
    subject: str
    area: str | None
    state: str
    severity: str | None = Field(description="null: the desk does not say")
    customer_id: str | None
    customer: str | None
    requester: str | None
    opened_at: datetime
    solved_at: datetime | None
    updated_at: datetime
    hours: float | None = Field(description="How long it was open; null while it is")
    reopens: int
    escalated_to: str | None
    people: int
    csat: str | None
    sentiment: str = Field(description="Of the customer's own words; unknown where nobody can tell")
    level: str | None = Field(description=_WHY_NO_LEVEL)
    points: int | None
    overridden: bool
    follow_up: str


class TicketList(Shaped):
    total: int
    tickets: list[TicketLine]


class PointLine(Shaped):
    code: str
    points: int
    words: str


class LevelAnswer(Shaped):
    level: str | None = Field(description=_WHY_NO_LEVEL)
    points: int | None
    rule_level: str | None = Field(description="What the points come to")
    because: str | None
    parts: list[PointLine]
    overridden: bool
    why: str | None = Field(description="A person's reason to override")
    by: str | None
    at: datetime | None


class PromiseLine(Shaped):
    what: str
    days: int
    state: str
    due_at: datetime | None


class FollowUpLine(Shaped):
    id: int
    reason: str
    level: str
    state: str
    due_at: datetime = Field(description="The end of the hold-off")
    why: str | None
    draft_id: str | None = Field(description="Waits for a person's approval")
    draft_state: str | None
    sent_at: datetime | None
    replied_at: datetime | None
    score: int | None
    promises: list[PromiseLine]


class TicketAnswer(TicketLine):
    kind: str | None
    channel: str | None
    tags: list[str]
    agent: str | None
    team: str | None
    resolution: str | None
    csat_comment: str | None
    health_before: int | None
    health_lowest: int | None
    health_after: int | None
    related: list[str] = Field(description="Other tickets of the same root cause")
    hindrances: list[str] = Field(description="What stands in the way of a follow-up now")
    weighed: LevelAnswer
    followed_up: FollowUpLine | None
    history: list[dict[str, Any]]


class OverrideLine(Shaped):
    ticket_id: str
    number: str
    customer: str | None
    points: int
    rule_level: str
    level: str
    why: str
    by: str
    at: datetime


class OverrideAnswer(Shaped):
    weighed: int
    overridden: int
    moves: list[dict[str, Any]] = Field(description="How often which level became which")
    overrides: list[OverrideLine]


def line_of(row: TicketRow) -> TicketLine:
    return TicketLine.model_validate(row_of(row))


def row_of(row: TicketRow) -> dict[str, Any]:
    customer = public_id("customer", row.customer_id) if row.customer_id else None
    ids = {"id": public_id("ticket", row.id), "customer_id": customer, "hours": row.hours}
    return asdict(row) | ids


def ticket_of(found: TicketView) -> TicketAnswer:
    more = {
        "kind": found.kind,
        "channel": found.channel,
        "tags": list(found.tags),
        "agent": found.agent,
        "team": found.team,
        "resolution": found.resolution,
        "csat_comment": found.csat_comment,
        "health_before": found.health.before,
        "health_lowest": found.health.lowest,
        "health_after": found.health.after,
        "related": [public_id("ticket", row.id) for row in found.related],
        "hindrances": list(found.hindrances),
        "weighed": level_of(found.level),
        "followed_up": follow_up_of(found.follow_up) if found.follow_up else None,
        "history": [asdict(one) for one in found.history],
    }
    return TicketAnswer.model_validate(row_of(found.row) | more)


def level_of(found: LevelView | None) -> LevelAnswer:
    if found is None:
        empty = dict.fromkeys(LevelAnswer.model_fields)
        return LevelAnswer.model_validate(empty | {"parts": [], "overridden": False})
    return LevelAnswer.model_validate(asdict(found) | {"overridden": found.overridden})


def follow_up_of(found: FollowUpView) -> FollowUpLine:
    draft = public_id("draft", found.draft_id) if found.draft_id else None
    return FollowUpLine.model_validate(asdict(found) | {"draft_id": draft})
