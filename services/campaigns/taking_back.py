"""What an upload told of campaigns, taken back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.bulk import delete_frame, read_large
from data.tables import Campaign, CampaignEvent, CampaignMail
from data.versions import CAMPAIGNS, bump
from services.campaigns.counts import recount
from services.campaigns.judging import refold
from services.matching.turn import take_turn

_MINE = {"mail_id": pl.Int64, "campaign_id": pl.Int64, "recipient_id": pl.Int64}


@dataclass(frozen=True)
class Touched:
    """The campaigns and recipients that an upload told of."""

    campaigns: list[int]
    recipients: list[int]


def take_back(session: Session, upload_id: int) -> Touched:
    """Remove the events that came with an upload, and what only they made.

    What another upload told as well is gone too: it has to be taken in again by the caller. After that, what
    was done about the recipients has to be looked at anew: services.campaigns.settling.uphold.
    """
    take_turn(session)
    e, m = CampaignEvent, CampaignMail
    mine = read_large(
        session,
        select(e.mail_id, m.campaign_id, m.recipient_id)
        .join(m, m.id == e.mail_id)
        .where(e.upload_id == upload_id)
        .distinct(),
        _MINE,
    )
    session.execute(
        delete(e).where(e.upload_id == upload_id).execution_options(synchronize_session=False)
    )
    touched = mine["campaign_id"].unique().sort().to_list()
    left = _with_events(session, touched).join(mine.select("mail_id"), on="mail_id", how="semi")
    empty = mine.select("mail_id").unique().join(left, on="mail_id", how="anti")
    delete_frame(session, m.__table__, empty.rename({"mail_id": "id"}))  # type: ignore[arg-type]
    if left.height:
        refold(session, left["mail_id"])
    recount(session, touched)
    session.execute(
        delete(Campaign)
        .where(Campaign.upload_id == upload_id, Campaign.mails == 0)
        .execution_options(synchronize_session=False)
    )
    bump(session, CAMPAIGNS)
    return Touched(touched, mine["recipient_id"].unique().sort().to_list())


def _with_events(session: Session, campaign_ids: list[int]) -> pl.DataFrame:
    """mail_id of the mails of these campaigns that have events."""
    e, m = CampaignEvent, CampaignMail
    pieces = [pl.DataFrame(schema={"mail_id": pl.Int64})]
    for start in range(0, len(campaign_ids), 500):
        some = campaign_ids[start : start + 500]
        asked = (
            select(e.mail_id).join(m, m.id == e.mail_id).where(m.campaign_id.in_(some)).distinct()
        )
        pieces.append(read_large(session, asked, {"mail_id": pl.Int64}))
    return pl.concat(pieces)
