"""Risk signals of two customers that become one: of one kind, only one may be open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, RiskSignal, RiskSignalEvent


def keep_one_open(session: Session, kept: Customer, gone: Customer, now: datetime) -> None:
    """Close those of the one that goes where the other has an open one of its own. They stay closed when
    the merge is taken back: the next look opens what still holds."""
    kinds = select(RiskSignal.kind).where(
        RiskSignal.customer_id == kept.id, RiskSignal.state != "closed"
    )
    doubled = session.scalars(
        select(RiskSignal).where(
            RiskSignal.customer_id == gone.id,
            RiskSignal.state != "closed",
            RiskSignal.kind.in_(kinds),
        )
    ).all()
    why = f"Merged into {kept.name}, which has a signal of its own."[:500]
    for signal in doubled:
        signal.state, signal.closed_at, signal.closed_why = "closed", now, why
        session.add(
            RiskSignalEvent(
                signal_id=signal.id,
                at=now,
                move="closed",
                level=signal.level,
                sentence=signal.sentence,
                why=why,
            )
        )
    session.flush()  # before their rows are moved to a customer that has an open one
