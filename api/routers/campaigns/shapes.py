"""What the API tells of bulk mail."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_SHAPE = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Shaped(BaseModel):
    model_config = _SHAPE


class Rate(Shaped):
    """A share with its counts and 95 % interval; null where there is nothing to divide by."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class PersonAnswer(Shaped):
    email: str
    name: str | None
    pattern: str = Field(
        description="engaged, clicked, opened, hidden, quiet, lost or new: by human signs alone"
    )
    sent: int
    clicked: int
    replied: int
    likelihood: str | None = Field(description="high, medium or low; null: not enough data")
    chance: float | None = Field(description="Of an answer to the next campaign; null as above")
    best_hours: list[int] | None = Field(
        description="From and until, in their own day; null: not enough data of their own"
    )


class CustomerCampaign(Shaped):
    campaign_id: str
    name: str
    kind: str
    sent_at: datetime
    delivered: int
    opened: int
    privacy_hidden: int
    clicked: int
    replied: int
    unsubscribed: int


class KindAnswer(Shaped):
    kind: str
    answered: Rate
    enough: bool = Field(description="False: fewer than three mails, the share says nothing")


class CustomerAnswer(Shaped):
    customer_id: str
    pattern: str | None
    delivered: int
    responses: int
    people: list[PersonAnswer]
    campaigns: list[CustomerCampaign]
    topics: list[str]
    kinds: list[KindAnswer] = Field(description="Kinds of mail, the best answered first")
    as_of: datetime = Field(description="Of likelihood and best time; the rest is of now")


class GroupAnswer(Shaped):
    name: str
    customers: int
    delivered: int
    privacy_hidden: int
    opens: Rate
    clicks: Rate
    answers: Rate


class AnalysisAnswer(Shaped):
    campaign_id: str
    name: str
    kind: str
    coverage: Rate
    human_opens: Rate
    raw_opens: Rate
    human_clicks: Rate
    raw_clicks: Rate
    privacy_hidden: int
    replied: int
    unsubscribed: int
    bounced: int
    segments: list[GroupAnswer] = Field(description="Of the customers of the token's owner")
    csms: list[GroupAnswer]


class RecommendationAnswer(Shaped):
    customer_id: str
    customer: str
    stakeholder_id: str | None
    name: str
    email: str
    reason: str
    topics: list[str]
    best_hours: list[int] | None = Field(description="From and until, in their own day")
    talking_points: list[str]
    contacted: bool = Field(
        description="Had a personal mail in the last 30 days, or was contacted as their CSM says"
    )


class OutcomeAnswer(Shaped):
    followed_up: Rate
    talks_after_contact: Rate
    talks_without: Rate
    lift: float | None = Field(description="The one share over the other, less one; null: too few")
    lift_low: float | None
    lift_high: float | None


class RecommendationsAnswer(Shaped):
    follow_up_rate: Rate
    outcome: OutcomeAnswer = Field(
        description="Of the customers for whom rules fired in the last year"
    )
    as_of: datetime
    recommendations: list[RecommendationAnswer]
