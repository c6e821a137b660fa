"""What campaigns' mails say of further mail: who left, complained or cannot be reached is not written to."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from data.tables import Campaign, CampaignEvent, CampaignMail, CampaignRecipient, ledger
from services.suppression import suppress
from services.suppression.topics import EVERYTHING

WAIT = timedelta(minutes=10)
"""After an unsubscribe was heard of: a scanner presses it among other links, and those may come later."""
MOST = 500
CAMPAIGNS = "campaigns"


def settle(session: Session, *, now: datetime) -> int:
    """Act on mails that say something of further mail, each once; how many addresses are new on the list.

    A person's no, a complaint and a hard bounce put the address on the list "Do not contact". What only
    a scanner seems to have pressed waits for a person: see services.campaigns.quarantine. Somebody who
    lifts an entry later is not overruled by the same mail.
    """
    done = 0
    for mail, email, name in _waiting(session, now):
        done += _act(session, mail, email, name, now)
        mail.settled_at = now
    return done


def _waiting(session: Session, now: datetime) -> list[Row[CampaignMail, str, str]]:
    m, e = CampaignMail, CampaignEvent
    heard = (
        select(func.max(e.received_at))
        .where(e.mail_id == m.id, e.kind == ledger.UNSUBSCRIBE)
        .scalar_subquery()
    )
    says = or_(
        m.unsubscribed_at.is_not(None),
        m.complained_at.is_not(None),
        m.bounce == 2,
    )
    at_once = or_(m.complained_at.is_not(None), m.bounce == 2)
    statement = (
        select(m, CampaignRecipient.email, Campaign.name)
        .join(CampaignRecipient, CampaignRecipient.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .where(m.settled_at.is_(None), says, or_(at_once, heard <= now - WAIT))
        .order_by(m.id)
        .limit(MOST)
    )
    return list(session.execute(statement))


def _act(session: Session, mail: CampaignMail, email: str, name: str, now: datetime) -> int:
    note = f"Campaign: {name}"
    done = 0
    if mail.complained_at:
        done += suppress(session, email, EVERYTHING, "complaint", note=note, now=now) is not None
    if mail.bounce == 2:
        done += suppress(session, email, EVERYTHING, "hard_bounce", note=note, now=now) is not None
    if mail.unsubscribed_at:
        topic = EVERYTHING if _left_everything(session, mail.id) else CAMPAIGNS
        done += suppress(session, email, topic, "unsubscribed", note=note, now=now) is not None
    return int(done > 0)


def _left_everything(session: Session, mail_id: int) -> bool:
    """Whether a person left all mail of that vendor, not one list or group of it."""
    e = CampaignEvent
    asked = select(func.count()).where(
        e.mail_id == mail_id,
        e.kind == ledger.UNSUBSCRIBE,
        e.verdict == ledger.HUMAN,
        e.everything.is_(True),
    )
    return bool(session.scalar(asked))
