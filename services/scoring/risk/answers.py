"""What answers a signal ends with it: the mail nobody has approved yet, and the call not made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from data.errors import AppError
from data.tables import Draft, RiskSignal, Task
from services import drafts, tasks
from services.access import SYSTEM, Viewer
from services.drafts.wholes import standing
from services.scoring.risk.records import SOURCE

CLOSED = "The risk signal is closed: "
"""Begins the reason of what ended with its signal, and comes back with it."""
_OPEN = ("pending", "held")
_MOST = 1_000


def end(
    session: Session, signal: RiskSignal, why: str, now: datetime, *, by: Viewer | None = None
) -> None:
    """Cancel the drafts that wait and the open tasks. What is approved, sent or done stays: somebody has
    decided on it."""
    session.flush()
    reason = f"{CLOSED}{why}"
    waiting = _drafts(session, signal.id, standing().in_(_OPEN))
    drafts.cancel_many(session, waiting, reason, now=now)
    tasks.cancel_for(session, SOURCE, [signal.id], reason, now=now, by=by)


def bring_back(session: Session, signal: RiskSignal, now: datetime, *, by: Viewer) -> None:
    """Take up again what ended with the signal; the mail waits for approval as before."""
    session.flush()
    ended = Draft.why.startswith(CLOSED, autoescape=True) & (standing() == "cancelled")
    for number in _drafts(session, signal.id, ended):
        draft = session.get_one(Draft, number)
        try:
            drafts.reopen(session, number, draft.revision, by=by, now=now)
        except AppError:
            continue  # it can be planned anew
    tasks.bring_back(session, SOURCE, [signal.id], now=now, by=by)


def settle(session: Session, now: datetime) -> int:
    """End what still answers signals that were closed elsewhere, such as by a merge of their customers, and
    take up again what answers those that stand again; how many ended. At most a thousand at a time."""
    waiting = select(Draft.source_id).where(Draft.source == SOURCE, standing().in_(_OPEN))
    to_do = select(Task.source_id).where(Task.source == SOURCE, Task.state == "open")
    left = session.scalars(
        select(RiskSignal)
        .where(
            RiskSignal.state == "closed",
            or_(RiskSignal.id.in_(waiting), RiskSignal.id.in_(to_do)),
        )
        .order_by(RiskSignal.id)
        .limit(_MOST)
    ).all()
    for signal in left:
        end(session, signal, signal.closed_why or "it no longer holds.", now)
    for signal in _standing_again(session):
        bring_back(session, signal, now, by=SYSTEM)
    return len(left)


def _standing_again(session: Session) -> list[RiskSignal]:
    """Signals that were opened elsewhere while what answers them has ended with them."""
    ended = select(Draft.source_id).where(
        Draft.source == SOURCE,
        standing() == "cancelled",
        Draft.why.startswith(CLOSED, autoescape=True),
    )
    return list(
        session.scalars(
            select(RiskSignal)
            .where(RiskSignal.state != "closed", RiskSignal.id.in_(ended))
            .order_by(RiskSignal.id)
            .limit(_MOST)
        )
    )


def _drafts(session: Session, signal_id: int, which: object) -> list[int]:
    return list(
        session.scalars(
            select(Draft.id)
            .where(Draft.source == SOURCE, Draft.source_id == signal_id, which)  # type: ignore[arg-type]
            .order_by(Draft.id)
        )
    )
