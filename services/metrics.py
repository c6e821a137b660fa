"""Figures about the running installation, in the text format that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from data.settings import version
from data.tables import Draft, HookDelivery, Job, OutboxMail, Upload
from data.tables.drafts import DRAFT_STATES
from data.tables.outbox import OUTBOX_STATES
from data.tables.uploads import UPLOAD_STATES
from data.tables.work import JOB_STATES
from services.outbox import pulse

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BY_STATE = (
    ("cscx_outbox_mails", "Mails in the send queue", OutboxMail.state, OUTBOX_STATES),
    ("cscx_jobs", "Jobs of the worker", Job.state, JOB_STATES),
    ("cscx_drafts", "Drafts of mails", Draft.state, DRAFT_STATES),
    ("cscx_uploads", "Files taken in", Upload.state, UPLOAD_STATES),
    (
        "cscx_hook_deliveries",
        "Deliveries of other systems",
        HookDelivery.state,
        ("new", "done", "ignored", "failed"),
    ),
)


def text(session: Session, now: datetime) -> str:
    """Counts, ages in seconds and the version; never a name, an address or an id."""
    lines = [
        *_gauge("cscx_info", "What runs here", [(f'{{version="{version()}"}}', 1)]),
        *(line for one in _BY_STATE for line in _states(session, *one)),
        *_waited(session, "cscx_outbox_oldest_due_seconds", "mail", OutboxMail, now),
        *_waited(session, "cscx_jobs_oldest_due_seconds", "job", Job, now),
    ]
    seen = pulse.last(session)
    if seen is not None:
        words = "How long ago a worker said that it is alive"
        lines += _gauge("cscx_worker_silent_seconds", words, [("", _since(seen, now))])
    return "\n".join(lines) + "\n"


def _states(
    session: Session,
    name: str,
    words: str,
    column: InstrumentedAttribute[str],
    states: Iterable[str],
) -> list[str]:
    counted = select(column, func.count()).group_by(column)
    found = {row[0]: row[1] for row in session.execute(counted)}
    return _gauge(
        name, f"{words}, by state", [(f'{{state="{one}"}}', found.get(one, 0)) for one in states]
    )


def _waited(
    session: Session, name: str, noun: str, table: type[OutboxMail | Job], now: datetime
) -> list[str]:
    """Zero when nothing is late."""
    first = session.scalar(select(func.min(table.due_at)).where(table.state == "queued"))
    late = max(0.0, _since(first, now)) if first else 0.0
    return _gauge(name, f"For how long the oldest {noun} has been due", [("", late)])


def _since(moment: datetime, now: datetime) -> float:
    return (now - moment).total_seconds()


def _gauge(name: str, words: str, samples: Iterable[tuple[str, float]]) -> list[str]:
    head = [f"# HELP {name} {words}.", f"# TYPE {name} gauge"]
    return [*head, *(f"{name}{labels} {value}" for labels, value in samples)]
