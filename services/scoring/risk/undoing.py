"""Signals that an import has opened go with it, unless mail or a call has answered them already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, RiskSignal, RiskSignalEvent, Task
from services import notifications, timeline
from services.drafts.wholes import standing
from services.scoring.risk import answers
from services.scoring.risk.lowering import levels
from services.scoring.risk.moves import timeline_key
from services.scoring.risk.records import KIND, SOURCE, WITHDRAWN
from services.scoring.risk.tell import key_of, keys_of_many, tell_in_hand

PIECE = 500
DECIDED = ("second_look", "approved")
"""States of a draft that somebody has approved."""


@dataclass(frozen=True)
class Withdrawn:
    """How many signals went, how many stay since their customer has been written to or called, and how many
    notifications went with them."""

    gone: int = 0
    kept: int = 0
    notifications: int = 0


def opened_since(session: Session, since: datetime, now: datetime) -> list[int]:
    """The signals opened since then that hold as things stand: those an import made then may have caused."""
    fresh = session.scalars(
        select(RiskSignal).where(
            RiskSignal.kind == KIND, RiskSignal.state != "closed", RiskSignal.opened_at >= since
        )
    ).all()
    fading = levels(session, now) if fresh else {}
    return [signal.id for signal in fresh if signal.customer_id in fading]


def withdraw(session: Session, signal_ids: Collection[int], now: datetime) -> Withdrawn:
    """Close those among the signals of `opened_since` that no longer hold now that the import is gone; when
    they hold again, they open again. Whoever has one in hand is told, and outreach that nobody has approved
    ends with it.

    In the transaction that took the import back, after its attendance has gone.
    """
    if not signal_ids:
        return Withdrawn()
    fading = levels(session, now)
    standing = session.scalars(select(RiskSignal).where(RiskSignal.id.in_(list(signal_ids))))
    unfounded = [signal for signal in standing if signal.customer_id not in fading]
    answered = _answered(session, [signal.id for signal in unfounded])
    going = [signal for signal in unfounded if signal.id not in answered]
    tell_in_hand(session, going, now)
    for signal in going:
        _close(session, signal, now)
    session.flush()
    keys = [key_of(signal.id, level) for signal in going for level in ("watch", "alert")]
    told = notifications.withdraw(session, keys + keys_of_many(session, going))
    return Withdrawn(len(going), len(unfounded) - len(going), told)


def _close(session: Session, signal: RiskSignal, now: datetime) -> None:
    signal.state, signal.closed_at, signal.closed_why = "closed", now, WITHDRAWN
    answers.end(session, signal, WITHDRAWN, now)
    moves = session.execute(
        select(RiskSignalEvent.move, RiskSignalEvent.at).where(
            RiskSignalEvent.signal_id == signal.id
        )
    )
    timeline.withdraw(session, [timeline_key(signal.id, move, at) for move, at in moves], now)
    session.add(
        RiskSignalEvent(
            signal_id=signal.id,
            at=now,
            move="closed",
            level=signal.level,
            sentence=signal.sentence,
            why=WITHDRAWN,
        )
    )


def _answered(session: Session, ids: list[int]) -> set[int]:
    """Those whose mail somebody has approved, or whose call was made."""
    found: set[int] = set()
    for start in range(0, len(ids), PIECE):
        some = ids[start : start + PIECE]
        for table, done in (
            (Draft, standing().in_(DECIDED)),
            (Task, Task.state == "done"),
        ):
            answers_to = select(table.source_id).where(
                table.source == SOURCE, table.source_id.in_(some), done
            )
            found.update(number for number in session.scalars(answers_to) if number is not None)
    return found
