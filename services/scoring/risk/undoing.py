"""Signals that an import has opened go with it, unless somebody has taken them in hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Draft, RiskSignal, RiskSignalEvent, Task
from services import notifications, timeline
from services.scoring.board import default_as_of
from services.scoring.risk.book import judge_all
from services.scoring.risk.moves import timeline_key
from services.scoring.risk.records import KIND, SOURCE, WITHDRAWN
from services.scoring.risk.tell import key_of, keys_of_many

PIECE = 500


@dataclass(frozen=True)
class Withdrawn:
    """How many signals went, how many stay since a person has acted on them, and what went with them."""

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
    fading = _fading(session, now) if fresh else set[int]()
    return [signal.id for signal in fresh if signal.customer_id in fading]


def withdraw(session: Session, signal_ids: Collection[int], now: datetime) -> Withdrawn:
    """Close those among the signals of `opened_since` that no longer hold now that the import is gone; when
    they hold again, they open again.

    In the transaction that took the import back, after its attendance has gone.
    """
    if not signal_ids:
        return Withdrawn()
    fading = _fading(session, now)
    standing = session.scalars(select(RiskSignal).where(RiskSignal.id.in_(list(signal_ids))))
    unfounded = [signal for signal in standing if signal.customer_id not in fading]
    acted = _acted_on(session, [signal.id for signal in unfounded])
    going = [signal for signal in unfounded if signal.id not in acted]
    for signal in going:
        _close(session, signal, now)
    session.flush()
    keys = [key_of(signal.id, level) for signal in going for level in ("watch", "alert")]
    told = notifications.withdraw(session, keys + keys_of_many(session, going))
    return Withdrawn(len(going), len(unfounded) - len(going), told)


def _fading(session: Session, now: datetime) -> set[int]:
    rows = judge_all(session, default_as_of(session, now.date()))
    return set(rows.filter(pl.col("level").is_not_null())["customer_id"])


def _close(session: Session, signal: RiskSignal, now: datetime) -> None:
    signal.state, signal.closed_at, signal.closed_why = "closed", now, WITHDRAWN
    moves = session.execute(
        select(RiskSignalEvent.move, RiskSignalEvent.at).where(
            RiskSignalEvent.signal_id == signal.id
        )
    )
    timeline.withdraw(session, [timeline_key(signal.id, move, at) for move, at in moves])
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


def _acted_on(session: Session, ids: list[int]) -> set[int]:
    """Those that a person moved, planned outreach for or wrote a mail about; asking for a look is no move."""
    found: set[int] = set()
    for start in range(0, len(ids), PIECE):
        some = ids[start : start + PIECE]
        moved = select(RiskSignalEvent.signal_id).where(
            RiskSignalEvent.signal_id.in_(some),
            RiskSignalEvent.person_id.is_not(None),
            RiskSignalEvent.move != "opened",
        )
        found.update(session.scalars(moved))
        for table in (Draft, Task):
            answers = select(table.source_id).where(
                table.source == SOURCE, table.source_id.in_(some)
            )
            found.update(number for number in session.scalars(answers) if number is not None)
    return found
