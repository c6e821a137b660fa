"""What campaigns' mails say of further mail: who left, complained or cannot be reached is not written to."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.orm import Session

from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignMail,
    CampaignRecipient,
    ledger,
)
from services.suppression import EVERYTHING, lifted_since, suppress

WAIT = timedelta(minutes=10)
"""After an unsubscribe was heard of: a scanner presses it among other links, and those may come later."""
MOST = 500
CAMPAIGNS = "campaigns"
NOTE = "Campaign: "
"""How the notes of entries begin that rest on a mail of a campaign."""
_PIECE = 500
_REASONS = {
    ledger.COMPLAINT: "complaint",
    ledger.HARD_BOUNCE: "hard_bounce",
    ledger.UNSUBSCRIBE: "unsubscribed",
}
"""Events that say something of further mail, what weighs most first."""


def settle(session: Session, *, now: datetime) -> int:
    """Act on mails that say something of further mail, each once; how many addresses are new on the list.

    A person's no, a complaint and a hard bounce put the address on the list "Do not contact". What only
    a scanner seems to have pressed waits for a person: see services.campaigns.quarantine. Somebody who
    lifts an entry is not overruled by what was said before; what is said later counts, see `reopen`.
    """
    done = 0
    for mail, email, name in _waiting(session, now):
        done += _act(session, mail, email, name, now)
        mail.settled_at = now
    return done


def reopen(session: Session, told: pl.DataFrame) -> None:
    """Mails that were settled, and say no again: they are acted on once more.

    `told`: mail_id, kind, verdict and received_at of events that are `new` or judged otherwise. What a
    person called a scanner's stays that, however it is judged later.
    """
    human = pl.col("verdict") == ledger.HUMAN
    left = (pl.col("kind") == ledger.UNSUBSCRIBE) & human
    certain = pl.col("kind").is_in([ledger.COMPLAINT, ledger.HARD_BOUNCE])
    no = told.filter(((pl.col("new") & certain) | left).fill_null(value=False))
    asked = no.group_by("mail_id").agg(pl.col("new").any(), heard=pl.col("received_at").max())
    m = CampaignMail
    for part in asked.iter_slices(_PIECE):
        some = part["mail_id"].to_list()
        settled = select(m.id, m.settled_at).where(m.id.in_(some), m.settled_at.is_not(None))
        when = {row[0]: row[1] for row in session.execute(settled)}
        again = [
            number
            for number, is_new, heard in part.iter_rows()
            if (at := when.get(number)) and (is_new or at < heard)
        ]
        opened = update(m).where(m.id.in_(again)).values(settled_at=None)
        session.execute(opened.execution_options(synchronize_session=False))


def _waiting(session: Session, now: datetime) -> list[Row[CampaignMail, str, str]]:
    m, e = CampaignMail, CampaignEvent
    heard = (
        select(func.max(e.received_at))
        .where(e.mail_id == m.id, e.kind == ledger.UNSUBSCRIBE, e.verdict == ledger.HUMAN)
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
        .execution_options(populate_existing=True)
    )
    return list(session.execute(statement))


def _act(session: Session, mail: CampaignMail, email: str, name: str, now: datetime) -> int:
    said = _said(session, mail)
    done = 0
    for kind, reason in _REASONS.items():
        if kind not in said:
            continue
        at, everything = said[kind]
        topic = EVERYTHING if everything else CAMPAIGNS
        if not lifted_since(session, email, topic, reason, at):
            note = f"{NOTE}{name}"
            done += suppress(session, email, topic, reason, note=note, now=now) is not None
    return int(done > 0)


def _said(session: Session, mail: CampaignMail) -> dict[int, tuple[datetime, bool]]:
    """By kind of event, when it was last said, and whether of all mail rather than of one list or group."""
    e = CampaignEvent
    human = or_(e.kind != ledger.UNSUBSCRIBE, e.verdict == ledger.HUMAN)
    rows = session.execute(
        select(e.kind, e.at, e.everything).where(e.mail_id == mail.id, e.kind.in_(_REASONS), human)
    )
    found: dict[int, tuple[datetime, bool]] = {}
    for kind, at, everything in rows:
        before, wide = found.get(kind, (at, False))
        whole = kind != ledger.UNSUBSCRIBE or bool(everything)
        found[kind] = max(before, at), wide or whole
    if mail.unsubscribed_at is None:  # taken back since
        found.pop(ledger.UNSUBSCRIBE, None)
    return found
