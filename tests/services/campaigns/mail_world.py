"""A vendor's events about a few people, told as SendGrid does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignMail,
    CampaignRecipient,
    Customer,
    CustomerDomain,
    Stakeholder,
    StakeholderEmail,
)
from data.versions import MATCHING, bump
from integrations.hooks import sendgrid
from services.campaigns import Source

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SENT = NOW - timedelta(days=2)
SENDGRID = Source("sendgrid", "SendGrid", "webhook", 7)
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36"


def event(kind: str, who: str, after: float, **said: Any) -> dict[str, Any]:
    """`after` is in seconds since the campaign was sent."""
    campaign = said.pop("campaign", 1)
    number = said.pop("number", f"{campaign}-{who}-{kind}-{after}-{said.get('url', '')}")
    named = {"marketing_campaign_id": campaign, "marketing_campaign_name": f"News {campaign}"}
    return {
        "event": kind,
        "email": who,
        "timestamp": SENT.timestamp() + after,
        "sg_event_id": number,
        "sg_message_id": f"m-{campaign}-{who}",
        **(named if campaign else {}),
        **said,
    }


def mail(who: str, **said: Any) -> list[dict[str, Any]]:
    """Sent and delivered."""
    return [event("processed", who, 0, **said), event("delivered", who, 4, **said)]


def click(
    who: str, after: float, url: str = "https://ours.example/pricing", **said: Any
) -> dict[str, Any]:
    told = {"ip": "203.0.113.9", "useragent": PERSON} | said
    return event("click", who, after, url=url, **told)


def frame(events: Sequence[dict[str, Any]]) -> pl.DataFrame:
    return sendgrid.read([json.dumps(list(events)).encode()])


def customer(session: Session, name: str, domain: str, *people: str) -> int:
    """With its people's first names, each at the domain."""
    made = Customer(name=name, created_at=NOW, updated_at=NOW)
    session.add(made)
    session.flush()
    session.add(CustomerDomain(customer_id=made.id, domain=domain))
    for person in people:
        who = Stakeholder(
            customer_id=made.id,
            first_name=person.title(),
            last_name="",
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(who)
        session.flush()
        address = f"{person}@{domain}"
        session.add(StakeholderEmail(email=address, stakeholder_id=who.id, shown_as=address))
    bump(session, MATCHING)
    session.flush()
    return made.id


def state(engine: Engine) -> list[Any]:
    """All that the ledger has come to, without numbers that hang on the order of arrival."""
    with transaction(engine, read_only=True) as session:
        counts = [c for c in Campaign.__table__.columns if c.name not in ("id", "created_at")]
        mails = [
            c
            for c in CampaignMail.__table__.columns
            if c.name not in ("id", "campaign_id", "recipient_id")
        ]
        e = CampaignEvent
        found = [
            session.execute(select(*counts).order_by(Campaign.vendor_key)).all(),
            session.execute(
                select(CampaignRecipient.address, Campaign.vendor_key, *mails)
                .join(CampaignMail, CampaignMail.recipient_id == CampaignRecipient.id)
                .join(Campaign, Campaign.id == CampaignMail.campaign_id)
                .order_by(CampaignRecipient.address, CampaignMail.message)
            ).all(),
            session.execute(
                select(CampaignMail.message, e.key, e.kind, e.at, e.link, e.origin, e.times)
                .join(CampaignMail, CampaignMail.id == e.mail_id)
                .order_by(CampaignMail.message, e.key, CampaignMail.recipient_id)
            ).all(),
        ]
        return [[tuple(row) for row in rows] for rows in found]


def mail_of(session: Session, who: str) -> CampaignMail:
    return session.scalars(
        select(CampaignMail)
        .join(CampaignRecipient, CampaignRecipient.id == CampaignMail.recipient_id)
        .where(CampaignRecipient.address == who)
    ).one()
