"""What people did with campaigns, in the shape of the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from services.campaigns.following_up import FollowUp, Pair
from services.ids import public_id

_BOUNCES = {1: "soft", 2: "hard"}
EXAMPLE: dict[str, Any] = {
    "id": "cmp_7",
    "campaignId": "cmp_7",
    "campaignName": "November newsletter",
    "campaignType": "newsletter",
    "sentAt": "2026-11-18T09:00:00Z",
    "customerEngagements": [
        {
            "customerId": "cus_42",
            "stakeholderId": "sth_108",
            "email": "maria@dataflow.example",
            "engagement": {
                "delivered": True,
                "opened": None,
                "openSign": "privacy_hidden",
                "openedAt": None,
                "openCount": 0,
                "rawOpenCount": 3,
                "clicked": False,
                "clickCount": 0,
                "rawClickCount": 0,
                "clickedLinks": [],
                "replied": False,
                "forwarded": False,
                "unsubscribed": False,
                "unsubscribeInQuestion": False,
                "bounced": False,
                "bounceKind": None,
                "complained": False,
            },
            "followUp": {"recommended": False, "reason": None, "completed": False},
        }
    ],
}


class Shaped(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class EngagementOfOne(Shaped):
    """What a person did; programs (scanners, privacy services) are told apart in the raw counts alone."""

    delivered: bool
    opened: bool | None = Field(
        description="By a person. Null where nobody can know: behind a privacy service, of counts without times, "
        "or of opens that nothing tells from a program's. Only false means not opened; see openSign"
    )
    open_sign: Literal["person", "privacy_hidden", "totals", "machine", "none"] = Field(
        description="person: opened, or clicked or replied; privacy_hidden: loaded by a privacy service, whether "
        "read or not; totals: counts without times; machine: signs of programs, or nothing to tell them from one; none"
    )
    opened_at: datetime | None = Field(description="A person's first open; null without one")
    open_count: int = Field(description="Opens by a person")
    raw_open_count: int = Field(description="All opens, those of programs with them")
    clicked: bool | None = Field(
        description="By a person; null where only counts without times are told"
    )
    click_count: int = Field(description="Clicks by a person")
    raw_click_count: int
    clicked_links: list[str] = Field(description="By a person, in their order; at most 20")
    replied: bool
    forwarded: bool
    unsubscribed: bool = Field(description="By a person, and not taken back since")
    unsubscribe_in_question: bool = Field(
        description="Only a scanner seems to have pressed it, and nobody has said otherwise yet"
    )
    bounced: bool
    bounce_kind: Literal["soft", "hard"] | None
    complained: bool


class FollowUpAnswer(Shaped):
    recommended: bool = Field(
        description="A rule has fired over it, or a high engager answered this campaign last"
    )
    reason: str | None
    completed: bool = Field(description="Somebody wrote or spoke to them since")


class CustomerCampaignEngagement(Shaped):
    customer_id: str
    stakeholder_id: str | None = Field(description="Null: not among the customer's stakeholders")
    email: str
    engagement: EngagementOfOne
    follow_up: FollowUpAnswer


class BulkEmailEngagement(Shaped):
    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    id: str = Field(description="The same as campaignId: a bulk mail is a campaign")
    campaign_id: str
    campaign_name: str
    campaign_type: str = Field(
        description="announcement, newsletter, marketing, product_update or other"
    )
    sent_at: datetime | None = Field(description="To the first of these people")
    customer_engagements: list[CustomerCampaignEngagement]


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
