"""What hooks have said of one occurrence, course day or batch, taken in by the worker."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from data.errors import AppError
from integrations.hooks import VENDORS
from services.access import SYSTEM
from services.hooks import deliveries
from services.uploads.batches import Batch, key_of, take_in
from services.uploads.commit import take_turn

Transact = Callable[[], AbstractContextManager[Session]]


def take_in_deliveries(
    transact: Transact, payload: dict[str, Any], clock: Callable[[], datetime]
) -> None:
    """Take in what is new about `payload`'s subject, once it has been quiet about it (or is `closed`).

    What cannot be taken in is marked with the reason, for an admin to see and try again. Killed at any
    point, it is done again, and comes to the same.
    """
    integration_id, subject = int(payload["integration"]), str(payload["subject"])
    try:
        with transact() as session:
            _take_in(session, integration_id, subject, clock(), closed=bool(payload.get("closed")))
    except AppError as error:
        with transact() as session:
            found = deliveries.waiting(session, integration_id, subject)
            if found is not None:
                deliveries.mark(session, found.new, "failed", now=clock(), error=error.message)


def _take_in(
    session: Session, integration_id: int, subject: str, now: datetime, *, closed: bool
) -> None:
    take_turn(session)
    found = deliveries.waiting(session, integration_id, subject)
    if found is None or not (closed or deliveries.is_quiet(found, now)):
        return
    gather = VENDORS[found.vendor].gather
    assert gather is not None
    parsed = gather(found.bodies)
    if parsed.rows.height:
        names = parsed.events["name"].to_list()
        title = (
            f"{found.integration_name}: {names[0]}" if len(names) == 1 else found.integration_name
        )
        key = key_of("hook", str(integration_id), subject)
        take_in(session, Batch(key, title, parsed), by=SYSTEM, now=now)
    deliveries.mark(session, found.new, "done", now=now)
