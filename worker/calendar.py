"""Tasks into calendars: planned and recorded in transactions, the call itself between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from data.db import Transact
from services.tasks.calendar import carry_out, plan, record
from worker.jobs import Payload


def sync_task(transact: Transact, payload: Payload, _clock: Callable[[], datetime]) -> None:
    """Bring one calendar in step with a task. Tried again after trouble: putting twice changes nothing."""
    task_id, leave = payload["task"], payload.get("leave")
    with transact() as session:
        step = plan(session, task_id, leave=leave)
    if step is None:
        return
    number = carry_out(step)
    if leave is None:
        with transact() as session:
            record(session, task_id, number)
