"""The list of campaigns and the people of one, as files."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from sqlalchemy.orm import Session

from services.access import Viewer
from services.campaigns.report.campaign import get_campaign
from services.campaigns.report.listing import COUNTS, MOST_ROWS, listing
from services.campaigns.report.people import people
from services.campaigns.report.records import (
    KIND_WORDS,
    CampaignRow,
    Filters,
    PeopleFilters,
)
from services.export import MOST_ROWS as MOST_LINES
from services.export import to_csv, to_xlsx

COUNT_WORDS = {
    "mails": "Mails",
    "matched": "Matched",
    "excluded": "Left out (own and test addresses)",
    "customers": "Customers",
    "delivered": "Delivered",
    "opened": "Opened, raw",
    "opened_human": "Opened by people",
    "opened_hidden": "Privacy-hidden",
    "clicked": "Clicked, raw",
    "clicked_human": "Clicked by people",
    "replied": "Replied",
    "forwarded": "Forwarded",
    "unsubscribed": "Unsubscribed",
    "quarantined": "Unsubscribes in question",
    "bounced_hard": "Bounced, hard",
    "bounced_soft": "Bounced, soft",
    "complained": "Complained",
}
RATES = {
    "coverage": "Coverage",
    "human_opens": "Open rate, people",
    "raw_opens": "Open rate, raw",
    "human_clicks": "Click rate, people",
    "raw_clicks": "Click rate, raw",
}
_LABELS = {
    "email": "Address", "name": "Name", "customer": "Customer", "band": "Match", "sent_at": "Sent",
    "delivered": "Delivered", "opens": "Opens, raw", "opens_human": "Opens by people",
    "opens_hidden": "Opens, privacy-hidden", "human_open_at": "First opened by a person",
    "clicks": "Clicks, raw", "clicks_human": "Clicks by people",
    "human_click_at": "First clicked by a person", "replied_at": "Replied", "forwarded_at": "Forwarded",
    "unsubscribed_at": "Unsubscribed", "quarantined_at": "Unsubscribe in question",
    "bounce": "Bounce", "complained_at": "Complained",
}  # fmt: skip


def download_campaigns(
    session: Session, by: Viewer, now: datetime, *, filters: Filters, form: str = "xlsx"
) -> bytes:
    """All campaigns that fit the filters; `form` is 'xlsx' or 'csv'."""
    found = listing(session, by, filters=filters, limit=MOST_ROWS)
    texts = ("Campaign", "Subject", "Kind", "Platform")
    schema = dict.fromkeys(texts, pl.String) | {"Started": pl.Date}
    schema |= dict.fromkeys(COUNT_WORDS.values(), pl.Int64)
    schema |= dict.fromkeys(RATES.values(), pl.Float64)
    frame = pl.DataFrame([_line(row) for row in found.rows], schema=schema, orient="row")
    return _file(frame, f"Campaigns {now.astimezone(UTC):%Y-%m-%d}", form)


def download_people(
    session: Session,
    by: Viewer,
    *,
    campaign_id: int,
    filters: PeopleFilters | None = None,
    form: str = "xlsx",
) -> bytes:
    """Everybody of the campaign whom `by` sees and who fits the filters."""
    name = get_campaign(session, by, campaign_id).name
    found = people(session, by, campaign_id, filters=filters, limit=MOST_LINES)
    shown = found.rows.select(pl.col(was).alias(words) for was, words in _LABELS.items())
    bounce = pl.col("Bounce").replace_strict({0: "", 1: "soft", 2: "hard"}, return_dtype=pl.String)
    return _file(shown.with_columns(bounce), name, form)


def _file(frame: pl.DataFrame, title: str, form: str) -> bytes:
    if form == "csv":
        return to_csv(frame)
    return to_xlsx(frame, title=title, formats=dict.fromkeys(RATES.values(), "0.0%"))


def _line(row: CampaignRow) -> tuple[object, ...]:
    counts = (getattr(row, name) for name in COUNTS)
    rates = (getattr(row, name).share for name in RATES)
    kind = KIND_WORDS[row.kind]
    return (row.name, row.subject, kind, row.platform, row.started_at.date(), *counts, *rates)
