"""Mails as the insights read them: one row per recipient and message, with its human signs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.tables import Campaign, CampaignMail, CampaignRecipient
from services.campaigns.bulk import IS_BULK

MOMENT = pl.Datetime("us", "UTC")
MAILS: dict[str, Any] = {
    "mail_id": pl.Int64,
    "campaign_id": pl.Int64,
    "recipient_id": pl.Int64,
    "customer_id": pl.Int64,
    "stakeholder_id": pl.Int64,
    "kind": pl.Utf8,
    "sent_at": MOMENT,
    "delivered": pl.Boolean,
    "opened": pl.Boolean,
    "hidden": pl.Boolean,
    "clicked": pl.Boolean,
    "replied": pl.Boolean,
    "left": pl.Boolean,
    "left_at": MOMENT,
    "hard": pl.Boolean,
    "judged": pl.Boolean,
}
"""`opened`, `clicked`, `replied`, `left` are human; `hidden` is an open through a privacy service without
any human sign; `hard` is a hard bounce; `judged` as CampaignMail has it. Only mails of customers, never of excluded recipients."""


def mails(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    customers: Sequence[int] | None = None,
    campaign_id: int | None = None,
) -> pl.DataFrame:
    """MAILS sent from `since` up to `until`, of all customers or of these, oldest first; of bulk mail, or of one
    campaign, if it is named."""
    m, r = CampaignMail, CampaignRecipient
    query = (
        select(
            m.id.label("mail_id"), m.campaign_id, m.recipient_id, r.customer_id, r.stakeholder_id,
            Campaign.kind, m.sent_at,
            (m.delivered_at.is_not(None) & (m.bounce == 0)).label("delivered"),
            m.human_open_at.is_not(None).label("opened"),
            ((m.opens_hidden > 0) & m.human_open_at.is_(None)).label("hidden"),
            (m.clicks_human > 0).label("clicked"),
            m.replied_at.is_not(None).label("replied"),
            m.unsubscribed_at.is_not(None).label("left"),
            m.unsubscribed_at.label("left_at"),
            (m.bounce == 2).label("hard"),
            func.coalesce(m.judged, literal(value=False)).label("judged"),
        )
        .join(r, r.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .where(r.band != "excluded", m.sent_at >= since, m.sent_at < until)
    )  # fmt: skip
    if customers is not None:
        query = query.where(r.customer_id.in_(list(customers)))
    query = query.where(IS_BULK if campaign_id is None else m.campaign_id == campaign_id)
    # Not asked of the database, which would begin with all customers for want of something better.
    found = read_large(session, query, MAILS).filter(pl.col("customer_id").is_not_null())
    return found.sort("sent_at", "mail_id")
