"""Rankings and invitations as the API shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True)
_CHANCE = "0 to 1: how likely they come when invited"


class ReasonInfo(BaseModel):
    feature: str
    sentence: str
    facts: dict[str, Any] = Field(description="The figures or words that the sentence rests on")


class RelevantCustomer(BaseModel):
    model_config = _SHAPE

    customer_id: str
    customer: str
    rank: int | None = Field(description="1 is best; null for those who cannot be invited")
    chance: float = Field(description=_CHANCE)
    on_list: str | None = Field(
        description="recommended, explored (drawn by lot, to learn from), or null"
    )
    blocker: str | None
    reasons: list[ReasonInfo]


class RelevantCustomers(BaseModel):
    model_config = _SHAPE

    event_id: str
    as_of: datetime
    model_version: int
    list_size: int
    expected: float = Field(description="How many of the list will come")
    expected_low: float = Field(description="Lower end of the 90 % interval")
    expected_high: float
    total: int
    customers: list[RelevantCustomer]


class RecommendedCustomer(BaseModel):
    model_config = _SHAPE

    customer_id: str
    customer: str
    chance: float = Field(description=_CHANCE)
    reasons: list[ReasonInfo]


class Recommendation(BaseModel):
    model_config = _SHAPE

    event_id: str
    event: str
    type: str
    date: date
    customers: list[RecommendedCustomer]


class InviteBody(BaseModel):
    model_config = _SHAPE

    customer_ids: list[str] = Field(min_length=1, max_length=5_000)
    stakeholder_ids: dict[str, str] = Field(
        default_factory=dict, description="By customer, whom to invite instead of who fits best"
    )


class InvitationsBody(InviteBody):
    event_id: str


class MadeInvitation(BaseModel):
    model_config = _SHAPE

    draft_id: str = Field(description="It waits for approval: nothing is sent before")
    invitation_id: int


class LeftOut(BaseModel):
    model_config = _SHAPE

    customer_id: str
    reason: str


class InviteAnswer(BaseModel):
    model_config = _SHAPE

    event_id: str
    invitations: list[MadeInvitation]
    left_out: list[LeftOut]


class PastInvitation(BaseModel):
    model_config = _SHAPE

    event_id: str
    event: str
    type: str
    date: date
    stakeholder_id: str
    person: str
    state: str
    registration: str | None
    declined_why: str | None
    invited_at: datetime


class AttendedEvent(BaseModel):
    model_config = _SHAPE

    event_id: str
    event: str
    type: str
    date: date
    person: str | None
    status: str


class EventHistory(BaseModel):
    model_config = _SHAPE

    customer_id: str
    invitations: list[PastInvitation] = Field(description="The newest first, up to 200")
    attendance: list[AttendedEvent] = Field(description="The newest event first, up to 200")
