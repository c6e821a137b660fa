"""Whether somebody acted on a firing: its mail or another personal one went out, its task is done, or a person
says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from data.tables import OutboxMail, RuleFiring, Task


def contact_columns() -> tuple[Any, Any, Any]:
    """For `first_contact`: beside a RuleFiring, when somebody said so, a mail went out, the task was done.

    A personal mail counts for whoever it went to: two drafts may have become one.
    """
    o, f = OutboxMail, RuleFiring
    to_them = (o.stakeholder_id == f.stakeholder_id) & (o.topic == "relationship")
    sent = select(func.min(o.sent_at)).where(
        o.sent_at >= f.fired_at, or_(o.draft_id == f.draft_id, to_them)
    )
    done = select(Task.done_at).where(Task.id == f.task_id, Task.state == "done")
    return (
        f.contacted_at,
        sent.correlate(f).scalar_subquery(),
        done.correlate(f).scalar_subquery(),
    )


def first_contact(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)
