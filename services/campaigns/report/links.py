"""The links of a campaign, and how many people followed each."""

from __future__ import annotations

import polars as pl
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import CampaignEvent, CampaignLink, CampaignMail, ledger
from services.access import Viewer
from services.campaigns.report.records import LINKS

MOST = 200


def links(session: Session, by: Viewer, campaign_id: int) -> pl.DataFrame:  # noqa: ARG001
    """LINKS of the campaign, what most people followed first; counts that everybody may see.

    Single clicks count, and totals without times do where they are told of links.
    """
    e, m, k = CampaignEvent, CampaignMail, CampaignLink
    human = e.verdict == ledger.HUMAN
    counted = (
        select(
            e.link.label("link"),
            func.sum(e.times).label("clicks"),
            func.sum(case((human, e.times), else_=0)).label("clicks_human"),
            func.count(case((human, e.mail_id)).distinct()).label("people"),
        )
        .join(m, m.id == e.mail_id)
        # Most mails were never clicked: their events are not even looked at.
        .where(m.campaign_id == campaign_id, m.clicks > 0, e.kind == ledger.CLICK)
        .group_by(e.link)
        .subquery()
    )
    numbers = (counted.c.clicks, counted.c.clicks_human, counted.c.people)
    statement = (
        select(k.url, k.label, k.topic, k.hidden, *(func.coalesce(n, 0) for n in numbers))
        .outerjoin(counted, counted.c.link == k.key)
        .where(k.campaign_id == campaign_id)
        .order_by(
            func.coalesce(counted.c.people, 0).desc(),
            func.coalesce(counted.c.clicks, 0).desc(),
            k.url,
        )
        .limit(MOST)
    )
    return read_frame(session, statement, LINKS)
