"""Follow-up after events: what the worker does when a file was counted, and what the clock asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from data.db import Transact
from services.attendance import follow_up
from services.attendance.follow_up import clock as promised
from worker.jobs import Kind, Payload


def _after_upload(transact: Transact, payload: Payload, clock: Callable[[], datetime]) -> None:
    follow_up.after_upload(transact, int(payload["upload_id"]), clock)


def _catch_up(transact: Transact, _payload: Payload, clock: Callable[[], datetime]) -> None:
    follow_up.catch_up(transact, clock)


def _reconcile(session: Session, _payload: Payload, now: datetime) -> None:
    promised.reconcile(session, now)


KINDS = {
    "attendance.committed": Kind(_after_upload, apart=True),
    "follow_up.catch_up": Kind(_catch_up, apart=True),
    "follow_up.reconcile": Kind(_reconcile),
}
