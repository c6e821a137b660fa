"""Work for the worker: asked for in the transaction that causes it, done at least once.

A job whose worker dies is done again, up to MOST_ATTEMPTS times; one that writes to our database alone
should do so in the transaction that finishes it, and so happens once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from data.once import add_once
from data.tables import Job
from services import leases
from services.leases import Lease

MOST_ATTEMPTS = 5
KEPT_DAYS = 30
_BACKOFF = timedelta(minutes=1)
_LONGEST_BACKOFF = timedelta(hours=1)
_LOST = "Its worker ended each time, without a word. See the log of the worker."


@dataclass(frozen=True)
class Held:
    """A job that is ours to do; `attempts` counts this try."""

    lease: Lease
    kind: str
    payload: dict[str, Any]
    attempts: int


def add(
    session: Session,
    kind: str,
    dedup_key: str,
    payload: dict[str, Any] | None = None,
    *,
    due_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Ask for a job, at `due_at` or at once. False when `dedup_key` has been asked for before.

    `payload` is JSON; it holds ids, never mail addresses.
    """
    added = add_once(
        session,
        Job,
        kind=kind,
        dedup_key=dedup_key,
        payload=payload or {},
        state="queued",
        due_at=due_at or now,
        attempts=0,
        created_at=now,
    )
    return added is not None


def claim(
    session: Session, kinds: Collection[str], *, now: datetime, seconds: float
) -> Held | None:
    """The next due job of these kinds, for `seconds` or until renewed."""
    wanted = [Job.kind.in_(sorted(kinds))]
    lease = leases.claim(session, Job, now=now, seconds=seconds, where=wanted)
    if lease is None:
        return None
    row = session.execute(
        select(Job.kind, Job.payload, Job.attempts).where(Job.id == lease.id)
    ).one()
    return Held(lease, row.kind, row.payload, row.attempts)


def renew(session: Session, held: Held, *, now: datetime, seconds: float) -> bool:
    """Keep a long job; False when it has been given to another worker, and should be let go."""
    return leases.renew(session, Job, held.lease, "claimed", now=now, seconds=seconds) is not None


def finish(session: Session, held: Held, *, now: datetime) -> bool:
    """Mark it done; False when another worker has it by now."""
    return leases.fenced(
        session, Job, held.lease, "claimed", state="done", finished_at=now, error=None, token=None
    )


def fail(session: Session, held: Held, error: str, *, now: datetime) -> bool:
    """Try again later, or give up after MOST_ATTEMPTS. `error` names no address and no secret."""
    if held.attempts >= MOST_ATTEMPTS:
        values: dict[str, Any] = {"state": "failed", "finished_at": now}
    else:
        values = {"state": "queued", "due_at": now + backoff(held.attempts)}
    return leases.fenced(
        session,
        Job,
        held.lease,
        "claimed",
        token=None,
        lease_until=None,
        error=error[:500],
        **values,
    )


def backoff(attempts: int) -> timedelta:
    """1, 2, 4, … minutes, an hour at most."""
    return min(_BACKOFF * 2 ** min(attempts - 1, 10), _LONGEST_BACKOFF)


def recover(session: Session, *, now: datetime) -> int:
    """Queue again what dead workers held; how many. A job that killed each of its workers fails."""
    lapsed = leases.let_lapse(session, Job, "claimed", now=now, state="queued", due_at=now)
    if lapsed:
        worn = session.scalars(
            select(Job)
            .where(Job.id.in_(lapsed), Job.attempts >= MOST_ATTEMPTS)
            .execution_options(populate_existing=True)
        )
        for job in worn:
            job.state, job.finished_at, job.error = "failed", now, _LOST
    return len(lapsed)


def tidy(session: Session, *, now: datetime) -> None:
    """Forget what was done more than KEPT_DAYS ago; what failed stays."""
    before = now - timedelta(days=KEPT_DAYS)
    session.execute(
        delete(Job)
        .where(Job.state == "done", Job.finished_at < before)
        .execution_options(synchronize_session=False)
    )
