"""Risk signals of two customers that become one: of one kind, only one may be open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Customer, RiskSignal, RiskSignalEvent


def keep_one_open(
    session: Session, kept: Customer, gone: Customer, now: datetime
) -> list[tuple[int, str]]:
    """Close those of the one that goes where the other has an open one of its own; their ids, each with the
    state it had. What answers them ends with the next look at risks."""
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
    before = [(signal.id, signal.state) for signal in doubled]
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
    return before


def open_again(
    session: Session, closed: list[tuple[int, str]], customer_id: int, now: datetime
) -> None:
    """After the merge was taken back and the signals have gone back to `customer_id`: those that it closed
    stand as they stood, unless another has been opened since."""
    standing = set(
        session.scalars(
            select(RiskSignal.kind).where(
                RiskSignal.customer_id == customer_id, RiskSignal.state != "closed"
            )
        )
    )
    for number, state in closed:
        signal = session.get(RiskSignal, number)
        if signal is None or signal.customer_id != customer_id or signal.kind in standing:
            continue
        signal.state, signal.closed_at, signal.closed_why = state, None, None
        signal.seen_at = now  # the next look would take the silence in between for recovery
        session.add(
            RiskSignalEvent(
                signal_id=signal.id,
                at=now,
                move="reopened",
                level=signal.level,
                sentence=signal.sentence,
                why="The merge was taken back.",
            )
        )
    session.flush()
