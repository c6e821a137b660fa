"""The ledger of one mail: every event as it was told, and what we take it for."""

from __future__ import annotations

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.errors import NotFound
from data.tables import (
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignOrigin,
    CampaignText,
    ledger,
)
from services.access import Viewer
from services.campaigns.report.people import sees_mail
from services.campaigns.report.records import EVENT_LINES
from services.campaigns.verdicts import CODES
from services.verdicts.reasons import REASONS

MOST = 500


def events_of(session: Session, by: Viewer, mail_id: int) -> pl.DataFrame:
    """EVENT_LINES of the mail, oldest first, at most 500. NotFound for mails of customers of others."""
    if not sees_mail(session, by, mail_id):
        raise NotFound("There is no such mail in your portfolio. Choose one from the list.")
    e, k = CampaignEvent, CampaignLink
    statement = (
        select(
            e.at, e.kind, e.timed, e.times, k.url, e.verdict, e.reason, CampaignOrigin.agent,
            CampaignText.words,
        )
        .join(CampaignMail, CampaignMail.id == e.mail_id)
        .outerjoin(k, (k.campaign_id == CampaignMail.campaign_id) & (k.key == e.link))
        .outerjoin(CampaignOrigin, CampaignOrigin.key == e.origin)
        .outerjoin(CampaignText, CampaignText.key == e.detail)
        .where(e.mail_id == mail_id)
        .order_by(e.at, e.kind, e.key)
        .limit(MOST)
    )  # fmt: skip
    numbers = {"kind": pl.Int64, "verdict": pl.Int64, "reason": pl.Int64}
    told = read_frame(session, statement, EVENT_LINES | numbers)
    reasons = {place: REASONS[code] for place, code in enumerate(CODES)}
    words = {"kind": ledger.EVENT_WORDS, "verdict": ledger.VERDICT_WORDS, "reason": reasons}
    return told.with_columns(
        pl.col(name).replace_strict(said, default=None, return_dtype=pl.String)
        for name, said in words.items()
    )
