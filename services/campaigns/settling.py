"""What campaigns' mails say of further mail: who left, complained or cannot be reached is not written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
from sqlalchemy import Row, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from data.tables import (
    Campaign,
    CampaignEvent,
    CampaignMail,
    CampaignRecipient,
    DomainHabit,
    Suppression,
    ledger,
)
from services.suppression import EVERYTHING, lifted_since, suppress, take_back

WAIT, LATEST = timedelta(minutes=10), timedelta(hours=1)
"""After an unsubscribe was heard of: a scanner presses it among other links, and those may come later; and
it has to be judged again with what else came. A no is not kept waiting longer than the second."""
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
_OURS = (
    Suppression.lifted_at.is_(None),
    Suppression.by_id.is_(None),
    Suppression.outbox_id.is_(None),
    Suppression.note.startswith(NOTE, autoescape=True),
)
"""Entries that stand, and that nobody else has spoken for."""


@dataclass(frozen=True)
class _No:
    """What a mail says of further mail to its recipient; `at`: when it was last said."""

    email: str
    topic: str
    reason: str
    at: datetime
    campaign: str


def settle(session: Session, *, now: datetime) -> int:
    """Act on mails that say something of further mail, each once; how many addresses are new on the list.

    A person's no, a complaint and a hard bounce put the address on the list "Do not contact". What only
    a scanner seems to have pressed waits for a person: see services.campaigns.quarantine. Somebody who
    lifts an entry is not overruled by what was said before; what is said later counts, see `reopen`.
    Entries that rest on what is a scanner's by now are taken back.
    """
    uphold(session, _scanned(session), now=now)
    done = 0
    for mail, email, name in _waiting(session, now):
        done += _act(session, mail, email, name, now)
        mail.settled_at = now
    return done


def uphold(session: Session, recipient_ids: Sequence[int], *, now: datetime) -> int:
    """Take back those entries of these recipients that came of campaigns, and that nothing in their mails
    speaks for any more; how many. What else was said by them, or of them, stays."""
    s, r = Suppression, CampaignRecipient
    lifted = 0
    for start in range(0, len(recipient_ids), _PIECE):
        asked = (
            select(r.id, s.id, s.topic, s.reason)
            .join(s, s.email == r.address)
            .where(r.id.in_(recipient_ids[start : start + _PIECE]), *_OURS)
            .order_by(r.id, s.id)
        )
        for recipient, entry, topic, reason in session.execute(asked).all():
            grounds = _grounds(session, recipient)
            if any((one.topic, one.reason) == (topic, reason) for one in grounds):
                continue
            take_back(session, entry, now=now)
            lifted += 1
            for one in grounds:
                _put(session, one, now)
    return lifted


def _scanned(session: Session) -> list[int]:
    """Recipients with an entry that came of a campaign, of whom only a scanner seems to have left any."""
    m, r, s, other = CampaignMail, CampaignRecipient, Suppression, aliased(CampaignMail)
    left = exists().where(other.recipient_id == r.id, other.unsubscribed_at.is_not(None))
    asked = (
        select(r.id)
        .join(m, m.recipient_id == r.id)
        .join(s, s.email == r.address)
        .where(m.settled_at.is_(None), m.quarantined_at.is_not(None), ~left)
        .where(*_OURS, s.reason == "unsubscribed")
        .distinct()
        .order_by(r.id)
        .limit(MOST)
    )
    return list(session.scalars(asked))


def _grounds(session: Session, recipient_id: int) -> list[_No]:
    m = CampaignMail
    says = or_(m.unsubscribed_at.is_not(None), m.complained_at.is_not(None), m.bounce == 2)
    asked = (
        select(m, CampaignRecipient.email, Campaign.name)
        .join(CampaignRecipient, CampaignRecipient.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .where(m.recipient_id == recipient_id, says)
        .order_by(m.id)
        .execution_options(populate_existing=True)
    )
    rows = session.execute(asked).all()
    return [no for mail, email, name in rows for no in _said(session, mail, email, name)]


def reopen(session: Session, told: pl.DataFrame) -> None:
    """Mails that were settled, and say otherwise by now: they are looked at once more.

    `told`: mail_id, kind, verdict, was (the verdict before) and received_at of events that are `new` or
    judged otherwise. What a person called a scanner's stays that, however it is judged later.
    """
    human = pl.col("verdict") == ledger.HUMAN
    otherwise = pl.col("new") | pl.col("was").ne_missing(ledger.HUMAN)
    left = (pl.col("kind") == ledger.UNSUBSCRIBE) & human & otherwise
    certain = pl.col("kind").is_in([ledger.COMPLAINT, ledger.HARD_BOUNCE])
    not_left = (pl.col("kind") == ledger.UNSUBSCRIBE) & ~human & (pl.col("was") == ledger.HUMAN)
    says = told.filter(((pl.col("new") & certain) | left | not_left).fill_null(value=False))
    asked = says.group_by("mail_id").agg(
        anyhow=(pl.col("new") | not_left).fill_null(value=False).any(),
        heard=pl.col("received_at").max(),
    )
    m = CampaignMail
    for part in asked.iter_slices(_PIECE):
        some = part["mail_id"].to_list()
        settled = select(m.id, m.settled_at).where(m.id.in_(some), m.settled_at.is_not(None))
        when = {row[0]: row[1] for row in session.execute(settled)}
        again = [
            number
            for number, anyhow, heard in part.iter_rows()
            if (at := when.get(number)) and (anyhow or at < heard)
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
    judged = session.scalar(select(func.max(DomainHabit.learned_at)))
    known = max(min(judged, now - WAIT), now - LATEST) if judged else now - LATEST
    statement = (
        select(m, CampaignRecipient.email, Campaign.name)
        .join(CampaignRecipient, CampaignRecipient.id == m.recipient_id)
        .join(Campaign, Campaign.id == m.campaign_id)
        .where(m.settled_at.is_(None), says, or_(at_once, heard <= known))
        .order_by(m.id)
        .limit(MOST)
        .execution_options(populate_existing=True)
    )
    return list(session.execute(statement))


def _act(session: Session, mail: CampaignMail, email: str, name: str, now: datetime) -> int:
    return int(sum(_put(session, no, now) for no in _said(session, mail, email, name)) > 0)


def _put(session: Session, no: _No, now: datetime) -> bool:
    if lifted_since(session, no.email, no.topic, no.reason, no.at):
        return False
    note = f"{NOTE}{no.campaign}"
    return suppress(session, no.email, no.topic, no.reason, note=note, now=now) is not None


def _said(session: Session, mail: CampaignMail, email: str, name: str) -> list[_No]:
    """Each reason once, when it was last given, and of all mail where it was so at any time."""
    e = CampaignEvent
    human = or_(e.kind != ledger.UNSUBSCRIBE, e.verdict == ledger.HUMAN)
    rows = session.execute(
        select(e.kind, e.at, e.everything).where(e.mail_id == mail.id, e.kind.in_(_REASONS), human)
    ).all()
    found: list[_No] = []
    for kind, reason in _REASONS.items():
        of_kind = [(at, everything) for k, at, everything in rows if k == kind]
        left = kind == ledger.UNSUBSCRIBE
        if not of_kind or (left and mail.unsubscribed_at is None):  # taken back since
            continue
        narrow = left and not any(everything for _, everything in of_kind)
        topic = CAMPAIGNS if narrow else EVERYTHING
        found.append(_No(email, topic, reason, max(at for at, _ in of_kind), name))
    return found
