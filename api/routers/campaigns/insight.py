"""What bulk mail says of customers and campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.auth import By
from data.db import transaction
from services.campaigns import report
from services.campaigns.analysis import Group, analysis
from services.campaigns.insight.customer import customer_mail
from services.campaigns.outcomes import Outcomes, outcomes
from services.campaigns.recommending import recommendations
from services.clock import utc_now
from services.figures import Share
from services.ids import public_id, read_id

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

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


@router.get("/customer/{customer_id}", summary="How a customer's people take bulk mail")
def customer_engagement(customer_id: str, by: By) -> CustomerAnswer:
    number = read_id("customer", customer_id)
    with transaction(read_only=True) as session:
        found = customer_mail(session, by, number, utc_now())
    return CustomerAnswer(
        customer_id=customer_id,
        pattern=found.pattern,
        delivered=found.delivered,
        responses=found.responses,
        people=[_person(row) for row in found.people.iter_rows(named=True)],
        campaigns=[_campaign(row) for row in found.campaigns.iter_rows(named=True)],
        topics=[one.what for one in found.topics],
        kinds=[
            KindAnswer(kind=one.what, answered=_rate(one.share), enough=one.enough)
            for one in found.kinds
            if one.share
        ],
        as_of=found.as_of,
    )


@router.get("/recommendations", summary="Whom to contact because they take our mail well")
def recommended(by: By, limit: Annotated[int, Query(ge=1, le=50)] = 20) -> RecommendationsAnswer:
    with transaction(read_only=True) as session:
        now = utc_now()
        found = recommendations(session, by, now, limit=limit)
        came = outcomes(session, by, now)
    return RecommendationsAnswer(
        follow_up_rate=_rate(found.followed_up), as_of=found.as_of, outcome=_outcome(came),
        recommendations=[
            RecommendationAnswer(
                customer_id=public_id("customer", row.customer_id), customer=row.customer,
                stakeholder_id=public_id("stakeholder", row.stakeholder_id)
                if row.stakeholder_id else None,
                name=row.name, email=row.email, reason=row.reason, topics=list(row.topics),
                best_hours=list(row.hours) if row.hours else None,
                talking_points=list(row.talking_points), contacted=row.contacted,
            )
            for row in found.rows
        ],
    )  # fmt: skip


@router.get("/{campaign_id}/analysis", summary="What a campaign came to")
def campaign_analysis(campaign_id: str, by: By) -> AnalysisAnswer:
    """Counts beside every rate; the raw rates are shown, and mean nothing by themselves."""
    number = read_id("campaign", campaign_id)
    with transaction(read_only=True) as session:
        row = report.get_campaign(session, by, number)
        found = analysis(session, by, utc_now(), campaign_id=number)
    return AnalysisAnswer(
        campaign_id=campaign_id, name=row.name, kind=row.kind, coverage=_rate(row.coverage),
        human_opens=_rate(row.human_opens), raw_opens=_rate(row.raw_opens),
        human_clicks=_rate(row.human_clicks), raw_clicks=_rate(row.raw_clicks),
        privacy_hidden=row.opened_hidden, replied=row.replied, unsubscribed=row.unsubscribed,
        bounced=row.bounced_hard + row.bounced_soft,
        segments=[_group(one) for one in found.segments], csms=[_group(one) for one in found.csms],
    )  # fmt: skip


def _person(row: dict[str, Any]) -> PersonAnswer:
    chance = None if row["level"] is None else row["chance"]
    hours = [row["best_from_hour"], row["best_until_hour"]] if row["best_own"] else None
    told = {"likelihood": row["level"], "chance": chance, "best_hours": hours}
    return PersonAnswer.model_validate(row | told)


def _campaign(row: dict[str, Any]) -> CustomerCampaign:
    number = public_id("campaign", row["campaign_id"])
    also = {"privacy_hidden": row["hidden"], "unsubscribed": row["left"], "campaign_id": number}
    return CustomerCampaign.model_validate(row | also)


def _outcome(came: Outcomes) -> OutcomeAnswer:
    return OutcomeAnswer(
        followed_up=_rate(came.followed_up), talks_after_contact=_rate(came.contacted),
        talks_without=_rate(came.others), lift=came.gap.relative, lift_low=came.gap.relative_low,
        lift_high=came.gap.relative_high,
    )  # fmt: skip


def _rate(share: Share) -> Rate:
    return Rate(count=share.hits, of=share.of, share=share.share, low=share.low, high=share.high)


def _group(one: Group) -> GroupAnswer:
    return GroupAnswer(
        name=one.name, customers=one.customers, delivered=one.delivered, privacy_hidden=one.hidden,
        opens=_rate(one.opens), clicks=_rate(one.clicks), answers=_rate(one.answers),
    )  # fmt: skip
