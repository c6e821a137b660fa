"""What hooks have said of one occurrence, course day or batch, taken in by the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.db import Transact
from data.errors import AppError, BadInput, InTheWay
from data.tables import Upload
from integrations.attendance_records import read_records
from integrations.hooks import VENDORS
from services.access import SYSTEM
from services.hooks import deliveries
from services.uploads.batches import Batch, in_force, key_of, take_in
from services.uploads.commit import take_turn
from services.uploads.entries import record
from services.uploads.entry_events import awaited


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
    except InTheWay:
        raise  # the job is tried again
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
    key = _key(session, found, ("hook", str(integration_id), subject))
    gather = VENDORS[found.vendor].gather
    if gather is None:
        records = [one for raw in found.bodies for one in read_records(raw)]
        why = awaited(session, records, found.vendor)
        if why:  # in this turn, so that who tells of the event next sees it wait
            deliveries.mark(session, found.new, "failed", now=now, error=why)
            return
        made = record(session, records, by=SYSTEM, now=now, form=found.vendor, key=key)
        refused = [one.reason for one in made.answers if one.verdict == "rejected" and one.reason]
        if refused and made.upload_id is None:
            raise BadInput(refused[0])
    else:
        parsed, name = gather(found.bodies), found.integration_name
        names = parsed.events["name"].to_list()
        title = f"{name}: {names[0]}" if len(names) == 1 else name
        take_in(session, Batch(key, title, parsed), by=SYSTEM, now=now)
    deliveries.mark(session, found.new, "done", now=now)


def _key(session: Session, found: deliveries.Waiting, name: tuple[str, ...]) -> str:
    """Of the upload that these deliveries make or replace.

    When all before them has been forgotten, they cannot stand in for what it said: they are laid over
    it as an upload of their own.
    """
    whole, rest = key_of(*name), key_of(*name, "from", str(found.oldest))
    begun = select(Upload.id).where(Upload.sha256 == rest).limit(1)
    forgotten = not found.again and in_force(session, whole) is not None
    return rest if forgotten or session.scalar(begun) is not None else whole
