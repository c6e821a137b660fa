"""Signals that an import has raised from watch to alert go back when the import does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from data.tables import RiskSignal, RiskSignalEvent
from services import notifications, timeline
from services.scoring.board import default_as_of
from services.scoring.risk.book import judge_all
from services.scoring.risk.mail import mail_channel
from services.scoring.risk.moves import timeline_key
from services.scoring.risk.records import KIND, LOWERED, WITHDRAWN
from services.scoring.risk.sentence import facts_of, sentence_of
from services.scoring.risk.tell import key_of, keys_of_many_risen


def risen_since(session: Session, since: datetime, now: datetime) -> list[int]:
    """The signals raised to alert since then that are one as things stand."""
    raised = session.scalars(
        select(RiskSignal).where(
            RiskSignal.kind == KIND,
            RiskSignal.state != "closed",
            RiskSignal.level == "alert",
            exists().where(
                RiskSignalEvent.signal_id == RiskSignal.id,
                RiskSignalEvent.move == "escalated",
                RiskSignalEvent.at >= since,
            ),
        )
    ).all()
    judged = levels(session, now) if raised else {}
    return [s.id for s in raised if _level(judged, s) == "alert"]


def lower(session: Session, signal_ids: Collection[int], now: datetime) -> int:
    """Those among the signals of `risen_since` that are no alerts now that the import is gone are watches
    again, as they were, and what was told of their rise goes; gives how many notifications that was."""
    if not signal_ids:
        return 0
    judged = levels(session, now)
    standing = session.scalars(
        select(RiskSignal).where(RiskSignal.id.in_(list(signal_ids)), RiskSignal.state != "closed")
    )
    going = [signal for signal in standing if _level(judged, signal) != "alert"]
    moments = {at for signal in going for at in _lower(session, signal, judged, now)}
    session.flush()
    keys = [key_of(signal.id, "alert") for signal in going]
    return notifications.withdraw(session, keys + keys_of_many_risen(session, moments))


def levels(session: Session, now: datetime) -> dict[int, dict[str, Any]]:
    """The rows of `judge_all` of customers who fade, by customer, as the next look will see them."""
    as_of = default_as_of(session, now.date())
    rows = judge_all(session, as_of, mail_channel(session, as_of))
    fading = rows.filter(rows["level"].is_not_null())
    return {row["customer_id"]: row for row in fading.iter_rows(named=True)}


def _level(judged: dict[int, dict[str, Any]], signal: RiskSignal) -> str | None:
    return judged.get(signal.customer_id, {}).get("level")


def _lower(
    session: Session, signal: RiskSignal, judged: dict[int, dict[str, Any]], now: datetime
) -> list[datetime]:
    """Back to watch; gives the moments at which it had risen."""
    events = session.scalars(
        select(RiskSignalEvent)
        .where(RiskSignalEvent.signal_id == signal.id)
        .order_by(RiskSignalEvent.at, RiskSignalEvent.id)
    ).all()
    risen = [event.at for event in events if event.move == "escalated"]
    before = [event.move for event in events if event.at < risen[-1]]
    signal.level = "watch"
    if events[-1].move == "escalated" and before and before[-1] == "acknowledged":
        signal.state = "acknowledged"
    if row := judged.get(signal.customer_id):
        signal.facts = facts_of(row, signal.as_of)
        signal.sentence = sentence_of(signal.facts)
    timeline.withdraw(session, [timeline_key(signal.id, "escalated", at) for at in risen], now)
    session.add(
        RiskSignalEvent(
            signal_id=signal.id,
            at=now,
            move=LOWERED,
            level=signal.level,
            sentence=signal.sentence,
            why=WITHDRAWN,
        )
    )
    return risen
