"""The other channel of the alarm: whether a customer's people answer our campaigns as they used to.

The arithmetic is that of events: a campaign is on offer to those who got it, and a human click or a reply
is a seat taken. Opens count for nothing, so programs that load pictures cannot move it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import Campaign, CampaignMail, CampaignRecipient, Customer
from services.scoring.load import CUSTOMER_SCHEMA, EVENT_SCHEMA
from services.scoring.risk.alarm import MAIL
from services.scoring.risk.shortfall import shortfalls
from services.scoring.supply import WINDOW_DAYS

WAIT = 3
"""Days in which most answers come: a younger campaign says nothing yet."""
GOT: dict[str, Any] = {
    "customer_id": pl.Int64,
    "campaign_id": pl.Int64,
    "recipient_id": pl.Int64,
    "answered": pl.Boolean,
}
SENT: dict[str, Any] = {"campaign_id": pl.Int64, "on": pl.Date}


def mail_channel(session: Session, as_of: date) -> pl.DataFrame:
    """MAIL of `alarm` as of that day, from the mails delivered in the two years before it."""
    until = datetime.combine(as_of - timedelta(days=WAIT), time.max, UTC)
    c, m, r = Campaign, CampaignMail, CampaignRecipient
    within = (
        c.bulk.is_not(False),
        c.started_at <= until,
        c.started_at > until - timedelta(days=2 * WINDOW_DAYS),
    )
    rows = session.execute(select(c.id, c.started_at).where(*within)).all()
    if not rows:
        return pl.DataFrame(schema=MAIL)
    sent = pl.DataFrame([(n, at.date()) for n, at in rows], schema=SENT, orient="row")
    answer = or_(m.clicks_human > 0, m.replied_at.is_not(None))
    got = read_large(
        session,
        select(r.customer_id, m.campaign_id, m.recipient_id, answer)
        .select_from(m)
        .join(r, r.id == m.recipient_id)
        .join(c, c.id == m.campaign_id)
        .where(r.customer_id.is_not(None), r.band == "automatic", *within)
        .where(m.delivered_at.is_not(None), m.bounce == 0, m.judged.is_(True)),
        GOT,
    )
    holder = select(Customer.id, Customer.segment, Customer.region, Customer.started_on)
    customers = read_frame(session, holder.order_by(Customer.id), CUSTOMER_SCHEMA)
    return channel(got, sent, customers, as_of=as_of)


HISTORY: dict[str, Any] = {
    "customer_id": pl.Int64,
    "campaign_id": pl.Int64,
    "recipient_id": pl.Int64,
    "got_at": pl.Datetime("us", "UTC"),
    "clicked_at": pl.Datetime("us", "UTC"),
    "replied_at": pl.Datetime("us", "UTC"),
}


def mail_history(session: Session) -> Callable[[date], pl.DataFrame] | None:
    """MAIL of any day in the past, from what had happened by then; None without any campaign."""
    c, m, r = Campaign, CampaignMail, CampaignRecipient
    rows = session.execute(select(c.id, c.started_at).where(c.bulk.is_not(False))).all()
    if not rows:
        return None
    sent = pl.DataFrame([(n, at.date()) for n, at in rows], schema=SENT, orient="row")
    got = read_large(
        session,
        select(r.customer_id, m.campaign_id, m.recipient_id, m.delivered_at, m.human_click_at, m.replied_at)
        .select_from(m)
        .join(r, r.id == m.recipient_id)
        .where(r.band == "automatic", m.delivered_at.is_not(None), m.bounce == 0, m.judged.is_(True)),
        HISTORY,
    ).filter(pl.col("customer_id").is_not_null())  # fmt: skip
    holder = select(Customer.id, Customer.segment, Customer.region, Customer.started_on)
    customers = read_frame(session, holder.order_by(Customer.id), CUSTOMER_SCHEMA)
    return partial(_on, got, sent, customers)


def _on(
    got: pl.DataFrame, sent: pl.DataFrame, customers: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    end = datetime.combine(as_of, time.max, UTC)
    last = as_of - timedelta(days=WAIT)
    within = sent.filter(
        pl.col("on") <= last, pl.col("on") > last - timedelta(days=2 * WINDOW_DAYS)
    )
    known = got.filter(pl.col("got_at") <= end).join(within, on="campaign_id", how="semi")
    if known.is_empty():
        return pl.DataFrame(schema=MAIL)
    answer = pl.min_horizontal("clicked_at", "replied_at") <= end
    told = known.with_columns(answered=answer.fill_null(value=False)).select(*GOT)
    return channel(told, within, customers, as_of=as_of)


def channel(
    got: pl.DataFrame, sent: pl.DataFrame, customers: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """MAIL of the customers that got anything. `got`: GOT, `sent`: SENT, `customers` as in load."""
    offered = got.select("customer_id", "campaign_id").unique()
    sets = offered.group_by("customer_id").agg(pl.col("campaign_id").sort())
    # Who got the same campaigns stands in one group, as a segment does with events.
    groups = sets.select("campaign_id").unique(maintain_order=True).with_row_index("segment")
    groups = groups.with_columns(pl.col("segment").cast(pl.Utf8))
    theirs = sets.join(groups, on="campaign_id").select("customer_id", "segment")
    people = customers.drop("segment").join(theirs, on="customer_id")
    open_to = groups.explode("campaign_id").group_by("campaign_id").agg(segments=pl.col("segment"))
    events = sent.join(open_to, on="campaign_id").rename(
        {"campaign_id": "event_id", "on": "held_on"}
    )
    missing = [
        pl.lit(None, kind).alias(name)
        for name, kind in EVENT_SCHEMA.items()
        if name not in events.columns and name != "only"
    ]
    events = events.with_columns(missing).with_columns(type=pl.lit("campaign"))
    answers = got.filter("answered").select(
        "customer_id", event_id="campaign_id", participant_id="recipient_id"
    )
    short = shortfalls(answers.unique(), events, people.select(*CUSTOMER_SCHEMA), as_of=as_of)
    named = short.select("customer_id", z_mail="z_seats", campaigns="eligible")
    return named.select(pl.col(name).cast(kind) for name, kind in MAIL.items())
