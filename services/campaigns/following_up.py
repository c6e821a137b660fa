"""Whether somebody should follow up with a person on a campaign, why, and whether it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Campaign, CampaignMail, CampaignRule, RuleFiring
from services.campaigns.bulk import IS_BULK
from services.campaigns.insight.kept import YEAR
from services.campaigns.recommending import TOPIC, reason, written_lately
from services.campaigns.rules.closing import not_withdrawn
from services.campaigns.rules.contact import contact_columns, first_contact
from services.suppression import blocked_among

Pair = tuple[int, int]
"""A campaign's id and a recipient's."""


@dataclass(frozen=True)
class FollowUp:
    reason: str
    completed: bool


def follow_ups(
    session: Session, customer_id: int, lines: pl.DataFrame, high: pl.DataFrame, now: datetime
) -> Mapping[Pair, FollowUp]:
    """Of `lines` (services.campaigns.engagements.LINES): where a rule has fired over the person and the campaign;
    and of high engagers (`high`: PEOPLE) the last campaign that they answered, unless they are not to be
    written to."""
    found = _high(session, lines, high, now)
    fired = _fired(session, customer_id, lines)
    for campaign, recipient, stakeholder in lines.select(
        "campaign_id", "recipient_id", "stakeholder_id"
    ).iter_rows():
        if told := fired.get((campaign, stakeholder)):
            found[campaign, recipient] = told
    return found


def _fired(
    session: Session, customer_id: int, lines: pl.DataFrame
) -> dict[tuple[int, int | None], FollowUp]:
    """By campaign and stakeholder; several rules over the same are done when the last one is."""
    f = RuleFiring
    asked = (
        select(f.campaign_id, f.stakeholder_id, CampaignRule.name, f.evidence, *contact_columns())
        .join(CampaignRule, CampaignRule.id == f.rule_id)
        .where(f.customer_id == customer_id, f.stakeholder_id.is_not(None), not_withdrawn())
        .where(f.campaign_id.in_(lines["campaign_id"].unique().to_list()))
        .order_by(f.fired_at, f.id)
    )
    found: dict[tuple[int, int | None], FollowUp] = {}
    for campaign, stakeholder, rule, evidence, *moments in session.execute(asked):
        assert campaign is not None
        first = evidence[0] if evidence else {"claim": rule, "fact": ""}
        why = f"{rule}. {first['claim']}. {first['fact']}".strip()
        found[campaign, stakeholder] = FollowUp(why, first_contact(*moments) is not None)
    return found


def _high(
    session: Session, lines: pl.DataFrame, high: pl.DataFrame, now: datetime
) -> dict[Pair, FollowUp]:
    theirs = lines.select("recipient_id", "email").unique().join(high, on="recipient_id")
    whose = {
        email: number
        for email, number in theirs.select("email", "stakeholder_id").iter_rows()
        if number is not None
    }
    blocked = blocked_among(session, theirs["email"].to_list(), TOPIC, whose)
    last = _last_answered(session, theirs["recipient_id"].to_list(), now)
    written = set(written_lately(session, now)) if theirs.height else set()
    return {
        (last[row["recipient_id"]], row["recipient_id"]): FollowUp(
            reason(row["sent"], row["clicked"], row["replied"], row["recent_clicks"]),
            row["stakeholder_id"] in written,
        )
        for row in theirs.iter_rows(named=True)
        if row["email"] not in blocked and row["recipient_id"] in last
    }


def _last_answered(session: Session, recipients: list[int], now: datetime) -> dict[int, int]:
    """The campaign that each of these answered, sent last of all."""
    c, m = Campaign, CampaignMail
    asked = (
        select(m.recipient_id, c.id, c.started_at)
        .join(c, c.id == m.campaign_id)
        .where(m.recipient_id.in_(recipients), m.sent_at >= now - YEAR, IS_BULK)
        .where(or_(m.clicks_human > 0, m.replied_at.is_not(None)))
        .distinct()
    )
    schema = {"recipient_id": pl.Int64, "id": pl.Int64, "at": pl.Datetime("us", "UTC")}
    found = read_frame(session, asked, schema).sort("at", "id")
    return dict(found.select("recipient_id", "id").iter_rows())
