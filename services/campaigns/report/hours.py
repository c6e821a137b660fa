"""When people first looked, clicked and answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.tables import CampaignMail
from services.access import Viewer
from services.campaigns.report.records import HOURS, MOMENT

SIGNS = {"opened": "human_open_at", "clicked": "human_click_at", "replied": "replied_at"}
BY_HOUR = timedelta(days=3)
"""Up to this long from the first sign to the last it is counted by the hour, then by the day."""


def hours(session: Session, by: Viewer, campaign_id: int) -> pl.DataFrame:  # noqa: ARG001
    """HOURS of the campaign, oldest first: mails by the hour, or the day in UTC, of their first such sign."""
    columns = [getattr(CampaignMail, name) for name in SIGNS.values()]
    schema: dict[str, Any] = dict.fromkeys(SIGNS, MOMENT)
    # A human click or reply implies a human open, so that one says whether there is anything.
    asked = select(*columns).where(
        CampaignMail.campaign_id == campaign_id, CampaignMail.human_open_at.is_not(None)
    )
    return by_time(read_large(session, asked, schema))


def by_time(signs: pl.DataFrame) -> pl.DataFrame:
    """HOURS of `signs`: a row per mail, a column of moments per sign."""
    told = signs.unpivot(variable_name="sign", value_name="at").drop_nulls("at")
    if told.is_empty():
        return pl.DataFrame(schema=HOURS)
    span = told["at"].max() - told["at"].min()  # type: ignore[operator]
    every = "1h" if span <= BY_HOUR else "1d"  # type: ignore[operator]
    counted = told.group_by(pl.col("at").dt.truncate(every), "sign").agg(mails=pl.len())
    return counted.select(HOURS.keys()).sort("at", "sign")
