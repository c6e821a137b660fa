"""Whether a worker is at work: when one was heard of, what is due, and what ended badly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.tables import Job, OutboxMail
from services.outbox import pulse

LATE = timedelta(minutes=15)
"""What is due for longer waits for a worker that is not there."""
_START = "Start the app, or: python -m worker"


@dataclass(frozen=True)
class Found:
    """`said` is what was found and what to do about it."""

    name: str
    well: bool
    said: str


def seen(session: Session, now: datetime) -> list[Found]:
    return [
        _worker(pulse.last(session), now),
        _queue(session, "jobs", Job, now),
        _queue(session, "send queue", OutboxMail, now),
        *_failed(session, now),
    ]


def _worker(last: datetime | None, now: datetime) -> Found:
    if last is None:
        return Found("worker", well=False, said=f"None has run here yet. {_START}")
    silent = max(now - last, timedelta(0))
    if silent > LATE:
        return Found(
            "worker", well=False, said=f"Nothing was heard of one for {_long(silent)}. {_START}"
        )
    return Found("worker", well=True, said=f"heard of {_long(silent)} ago")


def _queue(session: Session, name: str, table: type[Job | OutboxMail], now: datetime) -> Found:
    waits = table.state == "queued", table.due_at <= now
    due, first = session.execute(select(func.count(), func.min(table.due_at)).where(*waits)).one()
    late = now - first if first else timedelta(0)
    said = f"{due:,} due" + (f", the oldest for {_long(late)}" if due else "")
    return Found(name, well=late <= LATE, said=said)


def _failed(session: Session, now: datetime) -> list[Found]:
    since = now - timedelta(days=1)
    ended = select(func.count()).where(Job.state == "failed", Job.finished_at >= since)
    failed = session.scalar(ended)
    said = f"{failed:,} failed in the last 24 hours. The log says why."
    return [Found("failed jobs", well=False, said=said)] if failed else []


def _long(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min" if minutes else "less than a minute"
    return f"{minutes // 60:,} hours"
