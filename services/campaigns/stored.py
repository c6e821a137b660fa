"""Campaigns, mails and events out of the database, for those that a batch speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignOrigin,
    DomainHabit,
)
from services.campaigns.fold import EVENT
from services.campaigns.verdicts import DELIVERY

FEW = 2_000
"""Numbers up to which rows are asked for by number; more are read whole campaigns at a time."""
_PIECE = 500
MAIL: dict[str, Any] = {
    "id": pl.Int64,
    "campaign_id": pl.Int64,
    "recipient_id": pl.Int64,
    "message": pl.Int64,
}
CAMPAIGN: dict[str, Any] = {"campaign_id": pl.Int64, "vendor_key": pl.String}


def campaigns(session: Session, vendor: str, keys: Sequence[str]) -> pl.DataFrame:
    """CAMPAIGN of those of these keys that there are."""
    columns = (Campaign.id, Campaign.vendor_key)
    return _by(
        session,
        select(*columns).where(Campaign.vendor == vendor),
        Campaign.vendor_key,
        keys,
        CAMPAIGN,
    )


def campaigns_of(session: Session, numbers: Sequence[int]) -> pl.DataFrame:
    return _by(session, select(Campaign.id, Campaign.vendor_key), Campaign.id, numbers, CAMPAIGN)


def mails(session: Session, wanted: pl.DataFrame, campaign_ids: Sequence[int]) -> pl.DataFrame:
    """MAIL of the pairs `recipient_id` and `message` of `wanted`, as far as there are such.

    `campaign_ids`: where those of `wanted` that are marked `native` can only be.
    """
    columns = [CampaignMail.__table__.c[name] for name in MAIL]
    pairs = wanted.select("recipient_id", "message").unique()
    if pairs.height <= FEW:
        found = _by(
            session,
            select(*columns),
            CampaignMail.recipient_id,
            pairs["recipient_id"].unique().to_list(),
            MAIL,
        )
    elif wanted["native"].all():
        found = _large(session, select(*columns), CampaignMail.campaign_id, campaign_ids, MAIL)
    else:
        found = read_large(session, select(*columns), MAIL)
    return found.join(pairs, on=["recipient_id", "message"], how="semi")


def events(session: Session, mail_ids: pl.Series, campaign_ids: Sequence[int]) -> pl.DataFrame:
    """EVENT of these mails, which are all of these campaigns."""
    columns = [CampaignEvent.__table__.c[name] for name in EVENT]
    if len(mail_ids) <= FEW:
        return _by(session, select(*columns), CampaignEvent.mail_id, mail_ids.to_list(), EVENT)
    joined = select(*columns).join(CampaignMail, CampaignMail.id == CampaignEvent.mail_id)
    found = _large(session, joined, CampaignMail.campaign_id, campaign_ids, EVENT)
    return found.join(mail_ids.to_frame("mail_id"), on="mail_id", how="semi")


def links(session: Session, campaign_ids: Sequence[int]) -> pl.DataFrame:
    """campaign_id, link and hidden, of the hidden ones: few campaigns have any."""
    schema = {"campaign_id": pl.Int64, "link": pl.Int64, "hidden": pl.Boolean}
    columns = (CampaignLink.campaign_id, CampaignLink.key, CampaignLink.hidden)
    asked = select(*columns).where(CampaignLink.hidden)
    return _by(session, asked, CampaignLink.campaign_id, campaign_ids, schema)


def origins(session: Session, keys: pl.Series) -> pl.DataFrame:
    """origin, ip and agent of these keys."""
    schema = {"origin": pl.Int64, "ip": pl.String, "agent": pl.String}
    columns = (CampaignOrigin.key, CampaignOrigin.ip, CampaignOrigin.agent)
    wanted = keys.drop_nulls().unique()
    if len(wanted) <= FEW:
        return _by(session, select(*columns), CampaignOrigin.key, wanted.to_list(), schema)
    found = read_large(session, select(*columns), schema)
    return found.join(wanted.to_frame("origin"), on="origin", how="semi")


def scanning(session: Session) -> pl.Series:
    """Domains known to scan their mail."""
    asked = select(DomainHabit.domain).where(DomainHabit.scans)
    return read_frame(session, asked, {"domain": pl.String})["domain"]


def deliveries(mails: pl.DataFrame, recipients: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """services.campaigns.verdicts.DELIVERY of mails (MAIL), whose recipients and told times are given."""
    who = recipients.select(pl.col("id").alias("recipient_id"), "customer_id", "domain")
    found = mails.rename({"id": "mail_id"}).join(who, on="recipient_id", how="left")
    found = found.join(told, on="mail_id", how="left")
    return found.select(pl.col(name).cast(kind) for name, kind in DELIVERY.items())


def _by(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    column: Any,
    values: Sequence[Any],
    schema: Any,
) -> pl.DataFrame:
    pieces = [pl.DataFrame(schema=schema)]
    for start in range(0, len(values), _PIECE):
        some = statement.where(column.in_(values[start : start + _PIECE]))
        pieces.append(read_frame(session, some, schema))
    return pl.concat(pieces)


def _large(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    column: Any,
    values: Sequence[Any],
    schema: Any,
) -> pl.DataFrame:
    pieces = [pl.DataFrame(schema=schema)]
    for start in range(0, len(values), _PIECE):
        some = statement.where(column.in_(values[start : start + _PIECE]))
        pieces.append(read_large(session, some, schema))
    return pl.concat(pieces)
