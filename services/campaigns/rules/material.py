"""Mails as rules read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignLink,
    CampaignMail,
    CampaignRecipient,
    Customer,
    Stakeholder,
    ledger,
)
from services.campaigns.bulk import IS_BULK
from services.campaigns.rules.conditions import MAIL, READING, Condition
from services.campaigns.verdicts import CONFIRMED

SILENCE = ("campaign_id", "customer_id", "kind", "sent_at", "delivered_at", *READING)
"""Of MAIL, what tells how long somebody has been silent (services.campaigns.rules.silences)."""


def material(session: Session, *, since: datetime, wanted: Condition | None = None) -> pl.DataFrame:
    """MAIL sent since then to people of customers that have not left, as sure matches. For a condition, only
    those that it can ever hold for, and `words` only where it is about a topic; for silence, for which every mail
    counts, the columns of SILENCE alone, the others null."""
    m, r = CampaignMail, CampaignRecipient
    columns = _columns()
    if wanted is not None and wanted.sign == "quiet":
        columns = {name: columns[name] for name in ("mail_id", *SILENCE)}
    asked = (
        select(*columns.values())
        .join(r, r.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .join(Customer, Customer.id == r.customer_id)
        .where(r.band == "automatic", Customer.churned_on.is_(None), m.sent_at >= since)
        .where(IS_BULK, *_telling(wanted, since))
    )
    if "role" in columns:
        asked = asked.outerjoin(Stakeholder, Stakeholder.id == r.stakeholder_id)
    mails = read_large(session, asked, {name: MAIL[name] for name in columns})
    unread = [name for name in MAIL if name not in columns and name != "words"]
    mails = mails.with_columns(pl.lit(None, MAIL[name]).alias(name) for name in unread)
    if wanted is not None and wanted.topic is None:
        return mails.with_columns(words=pl.lit("")).select(MAIL.keys())
    words = _words(session, since)
    joined = mails.join(_topics(session), on="campaign_id", how="left").join(
        words, on="mail_id", how="left"
    )
    said = pl.concat_str(pl.col("topics", "clicked").fill_null(""), separator=" ")
    return joined.with_columns(words=said.str.to_lowercase()).select(MAIL.keys())


def _columns() -> dict[str, Any]:
    """MAIL without `words`, as the database has it."""
    m, r = CampaignMail, CampaignRecipient
    return {
        "mail_id": m.id,
        "campaign_id": m.campaign_id,
        "recipient_id": m.recipient_id,
        "customer_id": r.customer_id,
        "stakeholder_id": r.stakeholder_id,
        "role": Stakeholder.role,
        "kind": Campaign.kind,
        "sent_at": m.sent_at,
        "delivered_at": case((m.bounce == 0, m.delivered_at)),
        "hidden_at": case((_may_have_read(), func.coalesce(m.opened_at, m.clicked_at, m.last_at))),
        "human_open_at": m.human_open_at,
        "human_click_at": m.human_click_at,
        "replied_at": m.replied_at,
        "unsubscribed_at": _left_at(),
        "complained_at": m.complained_at,
        "gone_at": case((m.bounce == 2, m.bounced_at)),
    }


def _telling(wanted: Condition | None, since: datetime) -> list[ColumnElement[bool]]:
    """Mails in which somebody did what is asked for: few, mostly. Of those engaged all they got, as how many of
    their last ones they clicked hangs on the others, too."""
    m = CampaignMail
    signs = {
        "engaged": (m.human_click_at, m.replied_at),
        "clicked": (m.human_click_at,),
        "replied": (m.replied_at,),
        "left": (m.unsubscribed_at, m.complained_at, m.bounced_at),
    }.get(wanted.sign if wanted else "", ())
    if not signs:
        return []
    shown = or_(*(sign.is_not(None) for sign in signs))
    if wanted and wanted.sign == "engaged":
        return [m.recipient_id.in_(select(m.recipient_id).where(shown, m.sent_at >= since))]
    return [shown]


def _left_at() -> ColumnElement[datetime | None]:
    """When they left; where a person had to say that they did, when that was said."""
    m, e = CampaignMail, CampaignEvent
    confirmed = exists().where(
        e.mail_id == m.id, e.kind == ledger.UNSUBSCRIBE, e.reason == CONFIRMED
    )
    said = and_(m.unsubscribed_at.is_not(None), m.settled_at.is_not(None), confirmed)
    return case((said, m.settled_at), else_=m.unsubscribed_at)


def _may_have_read() -> ColumnElement[bool]:
    """Behind a privacy service, or where totals without times are all that is told: also of clicks alone."""
    m = CampaignMail
    done = or_(m.opens > 0, m.clicks > 0)
    return or_(m.opens_hidden > 0, and_(done, m.judged.is_not(True)))


def _topics(session: Session) -> pl.DataFrame:
    asked = select(Campaign.id, Campaign.topics)
    rows = [(number, " ".join(topics)) for number, topics in session.execute(asked)]
    return pl.DataFrame(rows, schema={"campaign_id": pl.Int64, "topics": pl.String}, orient="row")


def _words(session: Session, since: datetime) -> pl.DataFrame:
    """What the links are about that people followed: their topic, their label and their address."""
    e, m, k = CampaignEvent, CampaignMail, CampaignLink
    asked = (
        select(m.id, k.topic, k.label, k.url)
        .join(e, e.mail_id == m.id)
        .join(k, (k.campaign_id == m.campaign_id) & (k.key == e.link))
        .where(m.clicks_human > 0, m.sent_at >= since)
        .where(e.kind == ledger.CLICK, e.verdict == ledger.HUMAN)
    )
    texts = ("topic", "label", "url")
    found = read_frame(session, asked, {"mail_id": pl.Int64, **dict.fromkeys(texts, pl.String)})
    said = pl.concat_str(pl.col(*texts).fill_null(""), separator=" ")
    return found.group_by("mail_id").agg(clicked=said.unique().sort().str.join(" "))
