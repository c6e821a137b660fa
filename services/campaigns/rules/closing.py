"""Signals that rules have raised and that do not stand any more."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, RiskSignal, RiskSignalEvent, RuleFiring
from services.campaigns.rules.acting import SIGNAL

AGAIN = 2
"""Campaigns that a customer's people have answered since, from which on one that left is no risk any more."""


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
        elif _came_back(session, theirs, signal.id):
            why = "Recovered: whoever left is on the list again."
        else:
            continue
        _close(session, signal, why, now)
        closed += 1
    return closed


def _answered(theirs: pl.DataFrame, since: datetime) -> int:
    answer = pl.max_horizontal("human_click_at", "replied_at")
    return theirs.filter(pl.col("sent_at") > since, answer > since)["campaign_id"].n_unique()


def _came_back(session: Session, theirs: pl.DataFrame, signal_id: int) -> bool:
    """Of the mails that its firings rest on, none says any more that somebody left. Mails older than what is
    looked at say nothing."""
    fired = session.scalars(select(RuleFiring.occasion).where(RuleFiring.signal_id == signal_id))
    numbers = [int(one[2:]) for one in fired if one.startswith("m:")]
    known = theirs.filter(pl.col("mail_id").is_in(numbers))
    left = pl.any_horizontal(
        pl.col(name).is_not_null() for name in ("unsubscribed_at", "complained_at", "gone_at")
    )
    return known.height == len(numbers) > 0 and known.filter(left).is_empty()


def _close(session: Session, signal: RiskSignal, why: str, now: datetime) -> None:
    signal.state, signal.closed_at, signal.closed_why = "closed", now, why
    session.add(
        RiskSignalEvent(
            signal_id=signal.id, at=now, move="closed", level=signal.level,
            sentence=signal.sentence, why=why,
        )
    )  # fmt: skip
    session.flush()
