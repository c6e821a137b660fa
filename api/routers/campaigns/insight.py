"""What bulk mail says of customers and campaigns."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.auth import By
from api.routers.campaigns.engagements import by_campaign
from api.routers.campaigns.shapes import (
    AnalysisAnswer,
    CustomerAnswer,
    CustomerCampaign,
    GroupAnswer,
    KindAnswer,
    LinkAnswer,
    OutcomeAnswer,
    PersonAnswer,
    Rate,
    RecommendationAnswer,
    RecommendationsAnswer,
)
from data.db import transaction
from services.campaigns import report
from services.campaigns.analysis import Group, analysis
from services.campaigns.engagements import MOST_ROWS, PAGE_ROWS, engagements
from services.campaigns.following_up import follow_ups
from services.campaigns.insight.customer import customer_mail
from services.campaigns.outcomes import Outcomes, outcomes
from services.campaigns.recommending import recommendations
from services.clock import utc_now
from services.figures import Share
from services.ids import public_id, read_id

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


@router.get("/customer/{customer_id}", summary="How a customer's people take bulk mail")
def customer_engagement(
    customer_id: str,
    by: By,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = PAGE_ROWS,
) -> CustomerAnswer:
    """Figures over the last year, and `engagements`: what each person did with each campaign, page by page."""
    number, now = read_id("customer", customer_id), utc_now()
    with transaction(read_only=True) as session:
        found = customer_mail(session, by, number, now)
        page = engagements(session, by, number, offset=offset, limit=limit)
        advised = follow_ups(session, number, page.lines, found.high, now)
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
        engagements=by_campaign(customer_id, page.lines, advised),
        engagements_total=page.total,
        offset=offset,
        limit=limit,
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
        followed = report.links(session, by, number)
    return AnalysisAnswer(
        campaign_id=campaign_id, name=row.name, kind=row.kind, bulk=row.bulk, sent_at=row.started_at,
        last_event_at=row.last_event_at, mails=row.mails, customers=row.customers,
        delivered=row.delivered, coverage=_rate(row.coverage),
        human_opens=_rate(row.human_opens), raw_opens=_rate(row.raw_opens),
        human_clicks=_rate(row.human_clicks), raw_clicks=_rate(row.raw_clicks),
        privacy_hidden=row.opened_hidden, replied=row.replied, forwarded=row.forwarded,
        unsubscribed=row.unsubscribed, unsubscribes_in_question=row.quarantined,
        complained=row.complained, bounced=row.bounced_hard + row.bounced_soft,
        bounced_hard=row.bounced_hard, bounced_soft=row.bounced_soft,
        links=[_link(one) for one in followed.iter_rows(named=True)],
        segments=[_group(one) for one in found.segments], csms=[_group(one) for one in found.csms],
        as_of=found.as_of,
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


def _link(row: dict[str, Any]) -> LinkAnswer:
    counts = {"clicks": row["clicks_human"], "raw_clicks": row["clicks"]}
    return LinkAnswer.model_validate(row | counts)


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
