"""Campaigns heard of for the first time: made, named, and given a kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Campaign
from services.campaigns import stored
from services.campaigns.naming import kind_of, name_of, native_key, topics_of
from services.campaigns.source import Source


def ensure_campaigns(
    session: Session, source: Source, keyed: pl.DataFrame, *, now: datetime
) -> None:
    """A row for each `vendor_key`; subject, topics and a better name for those that lacked them.

    What a person has set is left alone.
    """
    said = keyed.group_by("vendor_key").agg(
        label=pl.col("campaign_label").drop_nulls().min(),
        subject=pl.col("subject").drop_nulls().min(),
        tags=pl.col("tags").drop_nulls().min(),
        first=pl.col("at").min(),
        last=pl.col("at").max(),
        bulk=pl.col("bulk").max(),
    )
    known = stored.campaigns(session, source.vendor, said["vendor_key"].to_list())
    numbers = dict(known.select("vendor_key", "campaign_id").iter_rows())
    for row in said.sort("vendor_key").iter_rows(named=True):
        number = numbers.get(row["vendor_key"])
        campaign = session.get_one(Campaign, number) if number else _made(source, row, now)
        if number is None:
            session.add(campaign)
        _describe(campaign, source, row)
        _sort(campaign, row["bulk"])
    session.flush()  # mails refer to their ids


def _made(source: Source, row: dict[str, object], now: datetime) -> Campaign:
    return Campaign(
        vendor=source.vendor,
        vendor_key=row["vendor_key"],
        name="",
        topics=[],
        source=source.source,
        upload_id=source.upload_id,
        started_at=row["first"],
        last_event_at=row["last"],
        created_at=now,
    )


def _describe(campaign: Campaign, source: Source, row: dict[str, object]) -> None:
    """The same whatever was heard first: the least of what is said, in the order of letters."""
    label, subject, tags = (_words(row[key]) for key in ("label", "subject", "tags"))
    campaign.subject = _least(campaign.subject, subject)
    campaign.started_at = min(campaign.started_at, row["first"])  # type: ignore[type-var]
    campaign.last_event_at = max(campaign.last_event_at, row["last"])  # type: ignore[type-var]
    named = name_of(campaign.vendor_key, label, source.label)
    unnamed = name_of(campaign.vendor_key, None, source.label)
    told = campaign.kind_by == "person"
    if told and campaign.name not in ("", unnamed):
        return
    if campaign.name in ("", unnamed):
        campaign.name = named
    elif named != unnamed:
        campaign.name = min(campaign.name, named)
    campaign.topics = sorted({*campaign.topics, *topics_of(tags)})[:12]
    if not told:
        campaign.kind = kind_of(campaign.name, campaign.subject, *campaign.topics)


def _sort(campaign: Campaign, bulk: bool | None) -> None:  # noqa: FBT001 - null: its vendor does not say
    """The vendor's word on whether it is bulk mail stands, but for a person's."""
    native = not campaign.vendor_key.startswith("~")
    if bulk is None or native or campaign.bulk_by == "person":
        return
    campaign.bulk, campaign.bulk_by = bulk, "vendor"


def tell_kinds(session: Session, vendor: str, kinds: Mapping[str, str]) -> None:
    """What the sender says of the kinds of campaigns, by the vendor's ids of them: it stands instead of what
    their words say. What was said first stays, until a person says otherwise."""
    numbers = pl.DataFrame({"campaign": list(kinds)}, schema={"campaign": pl.String})
    keys = numbers.select(native_key())["campaign"]
    by_key = dict(zip(keys, kinds.values(), strict=True))
    asked = select(Campaign).where(
        Campaign.vendor == vendor, Campaign.vendor_key.in_(sorted(by_key))
    )
    for campaign in session.scalars(asked.where(Campaign.kind_by == "detected")):
        campaign.kind, campaign.kind_by = by_key[campaign.vendor_key], "person"
    session.flush()


def _least(one: str | None, other: str | None) -> str | None:
    said = [text for text in (one, other) if text]
    return min(said, default=None)


def _words(value: object) -> str | None:
    return value if isinstance(value, str) else None
