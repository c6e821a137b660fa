"""Unsubscribes that only a scanner seems to have pressed: a person says what they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.errors import NotFound
from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignMail,
    CampaignRecipient,
    Customer,
    ledger,
)
from data.versions import CAMPAIGNS as LEDGER
from data.versions import bump
from services.access import Viewer, audit, visible
from services.campaigns.counts import recount
from services.campaigns.judging import refold
from services.campaigns.settling import CAMPAIGNS, NOTE
from services.campaigns.verdicts import CONFIRMED
from services.matching.turn import take_turn
from services.suppression import EVERYTHING, suppress

MOST = 200


@dataclass(frozen=True)
class Held:
    """`mail_id` is what `confirm` and `dismiss` take."""

    mail_id: int
    campaign_id: int
    campaign: str
    email: str
    customer_id: int
    customer: str
    at: datetime


def held(session: Session, by: Viewer, *, campaign_id: int | None = None) -> list[Held]:
    """Of customers the viewer may see, the newest first, at most MOST."""
    m, r = CampaignMail, CampaignRecipient
    statement = (
        select(
            m.id, Campaign.id, Campaign.name, r.email, Customer.id, Customer.name, m.quarantined_at
        )
        .join(r, r.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .join(Customer, Customer.id == r.customer_id)
        .where(m.settled_at.is_(None), m.quarantined_at.is_not(None), visible(by))
        .order_by(m.quarantined_at.desc(), m.id)
        .limit(MOST)
    )
    if campaign_id is not None:
        statement = statement.where(m.campaign_id == campaign_id)
    return [Held(*row) for row in session.execute(statement)]


def confirm(session: Session, mail_id: int, *, by: Viewer, now: datetime) -> None:
    """They did leave, as far as they said: write no more news to them, or nothing at all."""
    take_turn(session)  # the mail is made up from its events anew, as when some come in
    mail, email, campaign = _get(session, mail_id, by)
    e = CampaignEvent
    theirs = (e.mail_id == mail_id, e.kind == ledger.UNSUBSCRIBE)
    whole = session.scalar(select(e.key).where(*theirs, e.everything.is_(True)).limit(1))
    topic = CAMPAIGNS if whole is None else EVERYTHING
    suppress(session, email, topic, "unsubscribed", note=f"{NOTE}{campaign}", by=by, now=now)
    mail.settled_at = now
    session.flush()
    meant = update(e).where(*theirs).values(verdict=ledger.HUMAN, reason=CONFIRMED)
    session.execute(meant.execution_options(synchronize_session=False))
    refold(session, pl.Series([mail_id]))
    session.expire(mail)
    bump(session, LEDGER)


def dismiss(session: Session, mail_id: int, *, by: Viewer, now: datetime) -> None:
    """It was a scanner."""
    take_turn(session)
    mail, _, _ = _get(session, mail_id, by)
    mail.settled_at = now
    recount(session, [mail.campaign_id])
    bump(session, LEDGER)
    audit(
        session, by, "campaign.scanner_confirmed", "campaign_mail", mail_id, "no unsubscribe", now
    )


def _get(session: Session, mail_id: int, by: Viewer) -> tuple[CampaignMail, str, str]:
    m, r = CampaignMail, CampaignRecipient
    row = session.execute(
        select(m, r.email, Campaign.name)
        .join(r, r.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .join(Customer, Customer.id == r.customer_id)
        .where(m.id == mail_id, m.quarantined_at.is_not(None), m.settled_at.is_(None), visible(by))
        .with_for_update(of=m)
    ).first()
    if row is None:
        raise NotFound("There is nothing to decide about this mail any more. Reload the page.")
    return row[0], row[1], row[2]
