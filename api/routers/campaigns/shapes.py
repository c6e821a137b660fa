"""What the API tells of bulk mail."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.routers.campaigns.engagements import BulkEmailEngagement, Shaped


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
    engagements: list[BulkEmailEngagement] = Field(
        description="Person by person what they did with each bulk mail there ever was, the newest first: this "
        "page of them (offset, limit). A campaign to many people may go on on the next page"
    )
    engagements_total: int = Field(description="People and campaigns over all pages")
    offset: int
    limit: int
    as_of: datetime = Field(description="Of likelihood and best time; the rest is of now")


class GroupAnswer(Shaped):
    name: str
    customers: int
    delivered: int
    privacy_hidden: int
    opens: Rate
    clicks: Rate
    answers: Rate


class LinkAnswer(Shaped):
    url: str
    label: str | None
    topic: str | None
    clicks: int = Field(description="By people")
    raw_clicks: int
    people: int = Field(description="Mails in which a person followed it")
    hidden: bool = Field(description="Not to be seen in the mail: only scanners follow it")


class AnalysisAnswer(Shaped):
    """Counts are of mails to all its recipients; `segments` and `csms` of the customers one sees."""

    campaign_id: str
    name: str
    kind: str
    bulk: bool = Field(description="False: mail to single people, such as receipts")
    sent_at: datetime = Field(description="Its first event")
    last_event_at: datetime
    mails: int
    customers: int
    delivered: int
    coverage: Rate
    human_opens: Rate
    raw_opens: Rate
    human_clicks: Rate
    raw_clicks: Rate
    privacy_hidden: int = Field(
        description="Loaded by a privacy service, no sign of a person: not the same as not opened"
    )
    replied: int
    forwarded: int
    unsubscribed: int
    unsubscribes_in_question: int = Field(
        description="Pressed by a scanner, as it seems; a person has yet to say"
    )
    complained: int
    bounced: int
    bounced_hard: int
    bounced_soft: int
    links: list[LinkAnswer] = Field(description="What most people followed first, at most 200")
    segments: list[GroupAnswer] = Field(description="Of the customers of the token's owner")
    csms: list[GroupAnswer]
    as_of: datetime


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
