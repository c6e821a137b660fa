"""What may become of a signal, and the row that says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, RiskSignal, RiskSignalEvent
from services.access import Viewer, audit, visible
from services.ids import public_id
from services.scoring.risk import answers
from services.scoring.risk.alarm import COOL_DOWN_DAYS
from services.scoring.risk.records import LONGEST_WHY
from services.timeline import note

MOVES = {
    "open": {"acknowledged", "closed"},
    "acknowledged": {"open", "closed"},
    "closed": {"open"},
}


def find_signal(session: Session, by: Viewer, signal_id: int, *, lock: bool = False) -> RiskSignal:
    """A signal of a customer that `by` sees; NotFound otherwise."""
    statement = (
        select(RiskSignal)
        .join(Customer, Customer.id == RiskSignal.customer_id)
        .where(RiskSignal.id == signal_id, visible(by))
    )
    found = session.scalar(statement.with_for_update(of=RiskSignal) if lock else statement)
    if found is None:
        raise NotFound("There is no such risk signal in your portfolio. Reload the page.")
    return found


def acknowledge(session: Session, signal_id: int, *, by: Viewer, now: datetime) -> None:
    """Somebody has it in hand; it stays on the list until it closes."""
    signal = find_signal(session, by, signal_id, lock=True)
    if signal.state == "acknowledged":
        return
    _to(signal, "acknowledged")
    record(session, signal, "acknowledged", now, by=by)


def close(session: Session, signal_id: int, why: str, *, by: Viewer, now: datetime) -> None:
    """Put it away by hand, with a reason; the customer stays quiet for COOL_DOWN_DAYS from here. The mail
    and the call that were to answer it go with it."""
    reason = why.strip()
    if not reason:
        raise BadInput("Say in a few words why it is closed; the next one to look will ask.")
    if len(reason) > LONGEST_WHY:
        raise BadInput(f"Shorten the reason to {LONGEST_WHY} characters.")
    signal = find_signal(session, by, signal_id, lock=True)
    _to(signal, "closed")
    signal.closed_at, signal.closed_by, signal.closed_why = now, by.person_id, reason
    record(session, signal, "closed", now, why=reason, by=by)
    answers.end(session, signal, reason, now, by=by)


def reopen(session: Session, signal_id: int, *, by: Viewer, now: datetime) -> None:
    """Take a closing back, with the mail and the call that went with it. InvalidMove while a newer one of
    the customer is open."""
    signal = find_signal(session, by, signal_id, lock=True)
    other = session.scalar(
        select(RiskSignal.id).where(
            RiskSignal.customer_id == signal.customer_id,
            RiskSignal.kind == signal.kind,
            RiskSignal.state != "closed",
            RiskSignal.id != signal.id,
        )
    )
    if other is not None:
        raise InvalidMove("This customer has an open signal already. Work with that one.")
    _to(signal, "open")
    signal.closed_at = signal.closed_by = signal.closed_why = None
    # Otherwise the next look would take the old silence for recovery and close it again at once.
    signal.seen_at = now
    record(session, signal, "reopened", now, by=by)
    answers.bring_back(session, signal, now, by=by)


def _to(signal: RiskSignal, state: str) -> None:
    if state not in MOVES[signal.state]:
        raise InvalidMove(f"This signal is {signal.state}; it cannot become {state}.")
    signal.state = state


def record(
    session: Session,
    signal: RiskSignal,
    move: str,
    now: datetime,
    *,
    why: str | None = None,
    by: Viewer | None = None,
) -> None:
    """The history row of a move, its line on the customer's timeline and, for people, in the audit log."""
    session.add(
        RiskSignalEvent(
            signal_id=signal.id,
            at=now,
            move=move,
            level=signal.level,
            sentence=signal.sentence,
            why=why,
            person_id=by.person_id if by else None,
        )
    )
    note(
        session,
        signal.customer_id,
        "signal",
        now,
        f"Risk signal {move}: {signal.level}",
        why or signal.sentence,
        dedup_key=timeline_key(signal.id, move, now),
        screen="risk",
        query={"signal": public_id("signal", signal.id)},
        by=by,
    )
    if by is not None:
        audit(session, by, f"risk_signal.{move}", "risk_signal", signal.id, why or move, now)


def timeline_key(signal_id: int, move: str, at: datetime) -> str:
    return f"risk:{signal_id}:{move}:{at.isoformat()}"


def quiet_since(now: datetime) -> datetime:
    """Signals opened, or closed by hand, after this keep a customer quiet."""
    return now - timedelta(days=COOL_DOWN_DAYS)
