"""What people did with campaigns, in the shape of the API."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import polars as pl

from api.routers.campaigns.shapes import (
    BulkEmailEngagement,
    CustomerCampaignEngagement,
    EngagementOfOne,
    FollowUpAnswer,
)
from services.campaigns.following_up import FollowUp, Pair
from services.ids import public_id

_BOUNCES = {1: "soft", 2: "hard"}


def by_campaign(
    customer_id: str, lines: pl.DataFrame, advised: Mapping[Pair, FollowUp]
) -> list[BulkEmailEngagement]:
    """`lines` are services.campaigns.engagements.LINES, those of a campaign one after the other."""
    found: list[BulkEmailEngagement] = []
    for number, some in groupby(lines.iter_rows(named=True), key=lambda row: row["campaign_id"]):
        rows = list(some)
        told = {
            "id": public_id("campaign", number),
            "campaign_id": public_id("campaign", number),
            "campaign_name": rows[0]["campaign"],
            "campaign_type": rows[0]["kind"],
            "sent_at": min((row["sent_at"] for row in rows if row["sent_at"]), default=None),
            "customer_engagements": [
                _person(customer_id, row, advised.get((number, row["recipient_id"])))
                for row in rows
            ],
        }
        found.append(BulkEmailEngagement.model_validate(told))
    return found


def _person(
    customer_id: str, row: Mapping[str, Any], advised: FollowUp | None
) -> CustomerCampaignEngagement:
    number = row["stakeholder_id"]
    return CustomerCampaignEngagement(
        customer_id=customer_id,
        stakeholder_id=public_id("stakeholder", number) if number else None,
        email=row["email"],
        engagement=_engagement(row),
        follow_up=FollowUpAnswer(
            recommended=advised is not None,
            reason=advised.reason if advised else None,
            completed=advised is not None and advised.completed,
        ),
    )


def _engagement(row: Mapping[str, Any]) -> EngagementOfOne:
    sign, human = row["open_sign"], row["clicks_human"] > 0
    unknown = sign == "totals" and row["clicks"] > 0
    return EngagementOfOne.model_validate(
        {
            "delivered": row["delivered"],
            "opened": {"person": True, "none": False}.get(sign),
            "open_sign": sign,
            "opened_at": row["opened_at"],
            "open_count": row["opens_human"],
            "raw_open_count": row["opens"],
            "clicked": None if unknown and not human else human,
            "click_count": row["clicks_human"],
            "raw_click_count": row["clicks"],
            "clicked_links": row["links"],
            "replied": row["replied_at"] is not None,
            "forwarded": row["forwarded_at"] is not None,
            "unsubscribed": row["left_at"] is not None,
            "unsubscribe_in_question": row["in_question"],
            "bounced": row["bounce"] > 0,
            "bounce_kind": _BOUNCES.get(row["bounce"]),
            "complained": row["complained_at"] is not None,
        }
    )
