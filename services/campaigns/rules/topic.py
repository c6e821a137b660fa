"""What somebody was interested in, in words fit for a mail to them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignRecipient,
    RuleFiring,
    ledger,
)


def clicked_on(session: Session, firing: RuleFiring) -> str | None:
    """The topic of the link that was followed last, else its label, else the campaign's topic. Addresses of
    links are for machines and left out."""
    e, m, r, k = CampaignEvent, CampaignMail, CampaignRecipient, CampaignLink
    row = session.execute(
        select(k.topic, k.label, Campaign.topics)
        .select_from(e)
        .join(m, m.id == e.mail_id)
        .join(r, r.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .outerjoin(k, (k.campaign_id == m.campaign_id) & (k.key == e.link))
        .where(m.campaign_id == firing.campaign_id, r.stakeholder_id == firing.stakeholder_id)
        .where(e.kind == ledger.CLICK, e.verdict == ledger.HUMAN)
        .order_by(e.at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return row.topic or row.label or next(iter(row.topics), None)
