"""Recipients matched again after customers or answers have changed, with what campaigns come to."""

from __future__ import annotations

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.tables import CampaignMail
from data.versions import CAMPAIGNS, bump
from services.campaigns.counts import recount
from services.campaigns.people import rematch
from services.matching.book import CustomerBook
from services.matching.prepared import PreparedBook


def rematch_recipients(session: Session, book: CustomerBook | PreparedBook) -> int:
    """How many changed. In the transaction, and the turn, of what changed the book."""
    changed = rematch(session, book)
    if changed.is_empty():
        return 0
    schema = {"recipient_id": pl.Int64, "campaign_id": pl.Int64}
    pairs = select(CampaignMail.recipient_id, CampaignMail.campaign_id).distinct()
    of = read_large(session, pairs, schema)
    touched = of.join(changed.select(recipient_id="id"), on="recipient_id", how="semi")
    recount(session, touched["campaign_id"].unique().sort().to_list())
    bump(session, CAMPAIGNS)
    return changed.height
