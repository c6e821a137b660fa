"""What rules have raised, drafted and asked for, and what does not stand any more."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from data.tables import (
    CampaignMail,
    CampaignRecipient,
    CampaignRule,
    Customer,
    Draft,
    RiskSignal,
    RiskSignalEvent,
    RuleFiring,
    Task,
)
from services import drafts, tasks
from services.campaigns.rules.acting import SIGNAL, SOURCE
from services.drafts.wholes import standing

AGAIN = 2
"""Campaigns that a customer's people have answered since, from which on one that left is no risk any more."""

_ANSWERS = ("engaged", "clicked", "replied")
_WAITING = ("pending", "held", "second_look", "approved")
WITHDRAWN = "w"
"""How the occasions of firings begin that were withdrawn: what made them once may do so again."""
_SCANNED = "It was a scanner that clicked, and no person."


def close_recovered(session: Session, mails: pl.DataFrame, now: datetime) -> int:
    """From `mails` (MAIL): who left has come back, or others there answer our mail; how many were closed.

    Outreach that answers such a signal ends with the next look at risks.
    """
    asked = (
        select(RiskSignal, Customer.churned_on)
        .join(Customer, Customer.id == RiskSignal.customer_id)
        .where(RiskSignal.kind == SIGNAL, RiskSignal.state != "closed")
        .order_by(RiskSignal.id)
    )
    closed = 0
    for signal, churned_on in session.execute(asked).all():
        theirs = mails.filter(pl.col("customer_id") == signal.customer_id)
        if churned_on is not None and churned_on <= now.date():
            why = "The customer has left."
        elif _answered(theirs, signal.opened_at) >= AGAIN:
            why = f"Recovered: their people have answered {AGAIN} campaigns since."
        elif not (back := _came_back(session, theirs, signal.id)):
            continue
        elif _scanned(session, back):
            why = "Nobody has left: it was a scanner that followed the link, as it turned out."
        else:
            why = "Recovered: whoever left is on the list again."
        _close(session, signal, why, now)
        closed += 1
    return closed


def _answered(theirs: pl.DataFrame, since: datetime) -> int:
    answer = pl.max_horizontal("human_click_at", "replied_at")
    return theirs.filter(pl.col("sent_at") > since, answer > since)["campaign_id"].n_unique()


def withdraw_scanned(session: Session, now: datetime) -> int:
    """Drafts and tasks that wait, of firings whose click is a scanner's by now; how many firings.

    Their occasion is free again: a person may click in the same campaign yet.
    """
    f, m, r = RuleFiring, CampaignMail, CampaignRecipient
    of_theirs = (
        select(m.id)
        .join(r, r.id == m.recipient_id)
        .where(m.campaign_id == f.campaign_id, r.customer_id == f.customer_id)
    )
    answered = or_(m.human_click_at.is_not(None), m.replied_at.is_not(None))
    waits = or_(
        f.draft_id.in_(select(Draft.id).where(Draft.source == SOURCE, standing().in_(_WAITING))),
        f.task_id.in_(select(Task.id).where(Task.source == SOURCE, Task.state == "open")),
    )
    asked = (
        select(f.id, CampaignRule.condition)
        .join(CampaignRule, CampaignRule.id == f.rule_id)
        .where(waits, f.contacted_at.is_(None))
        .where(of_theirs.exists(), ~of_theirs.where(answered).exists())
        .order_by(f.id)
    )
    numbers = [number for number, said in session.execute(asked) if said["sign"] in _ANSWERS]
    for number in numbers:
        drafts.cancel_for(session, SOURCE, number, _SCANNED, now=now)
    tasks.cancel_for(session, SOURCE, numbers, _SCANNED, now=now)
    for firing in session.scalars(select(f).where(f.id.in_(numbers), not_withdrawn())):
        firing.occasion = f"{WITHDRAWN}:{firing.id}:{firing.occasion}"[:100]
    session.flush()
    return len(numbers)


def not_withdrawn() -> ColumnElement[bool]:
    """Of firings that were not withdrawn."""
    return RuleFiring.occasion.not_like(f"{WITHDRAWN}:%")


def _scanned(session: Session, mail_ids: list[int]) -> bool:
    m = CampaignMail
    asked = select(m.id).where(m.id.in_(mail_ids), m.quarantined_at.is_(None))
    return session.scalar(asked.limit(1)) is None


def _came_back(session: Session, theirs: pl.DataFrame, signal_id: int) -> list[int]:
    """The mails that its firings rest on, when none of them says any more that somebody left. Mails older than
    what is looked at say nothing."""
    fired = session.scalars(select(RuleFiring.occasion).where(RuleFiring.signal_id == signal_id))
    numbers = [int(one[2:]) for one in fired if one.startswith("m:")]
    known = theirs.filter(pl.col("mail_id").is_in(numbers))
    left = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("unsubscribed_at", "complained_at", "gone_at")
    )
    return numbers if known.height == len(numbers) and known.filter(left).is_empty() else []


def _close(session: Session, signal: RiskSignal, why: str, now: datetime) -> None:
    signal.state, signal.closed_at, signal.closed_why = "closed", now, why
    session.add(
        RiskSignalEvent(
            signal_id=signal.id, at=now, move="closed", level=signal.level,
            sentence=signal.sentence, why=why,
        )
    )  # fmt: skip
    session.flush()
