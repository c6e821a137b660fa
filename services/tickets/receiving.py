"""What desks have posted, taken in by the worker, many deliveries at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.errors import AppError
from data.tables import HookDelivery, Integration
from integrations.hooks import VENDORS
from integrations.ticket_records import Told
from services.hooks import deliveries
from services.matching.turn import take_turn
from services.tickets.intake import take_in
from services.tickets.source import Source

log = logging.getLogger(__name__)
MOST_DELIVERIES = 2_000
Transact = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Batch:
    """Deliveries of one account: their ids and bodies, side by side."""

    vendor: str
    account: int
    ids: list[int]
    bodies: list[bytes]


def take_in_tickets(
    transact: Transact, _payload: dict[str, Any], clock: Callable[[], datetime]
) -> int:
    """Take in all that waits; how many changes of tickets were new.

    A batch counts in one transaction with the mark that it is done: a worker killed at any point leaves
    it as it was, and one that comes after does the same again.
    """
    new = 0
    while True:
        with transact() as session:
            batch = next_batch(session)
        if batch is None:
            return new
        new += _taken(transact, batch, clock)


def next_batch(session: Session) -> Batch | None:
    """The oldest that wait, of one account."""
    vendors = [key for key, vendor in VENDORS.items() if vendor.tickets is not None]
    d = HookDelivery
    waiting = (
        select(d.id, d.integration_id, Integration.vendor)
        .join(Integration, Integration.id == d.integration_id)
        .where(d.state == "new", Integration.vendor.in_(vendors))
        .order_by(d.received_at, d.id)
        .limit(MOST_DELIVERIES)
    )
    rows = session.execute(waiting).all()
    if not rows:
        return None
    _, account, vendor = rows[0]
    ids = [row[0] for row in rows if row[1] == account]
    bodies = dict(session.execute(select(d.id, d.body).where(d.id.in_(ids))).all())
    return Batch(vendor, account, ids, [bodies[number] for number in ids])


def desk_of(session: Session, vendor: str, account: int) -> str:
    """Whose numbers an account's are. The first account of a vendor shares them with files and the API;
    another one's may be the same numbers of other tickets."""
    first = session.scalar(select(func.min(Integration.id)).where(Integration.vendor == vendor))
    return vendor if first in (None, account) else f"{vendor}:{account}"


def _taken(transact: Transact, batch: Batch, clock: Callable[[], datetime]) -> int:
    """What is told is read before the database is held."""
    good, told, bad = _read(batch)
    with transact() as session:
        take_turn(session)
        asked = select(HookDelivery.id).where(
            HookDelivery.id.in_(batch.ids), HookDelivery.state == "new"
        )
        if set(session.scalars(asked)) != set(batch.ids):
            return 0  # another worker was here
        now = clock()
        source = Source(desk_of(session, batch.vendor, batch.account), "webhook")
        changes = take_in(session, source, told, now=now).changes
        deliveries.mark(session, good, "done", now=now)
        for number, why in bad:
            deliveries.mark(session, [number], "failed", now=now, error=why)
    log.info("tickets_taken_in account=%s deliveries=%s new=%s", batch.account, len(good), changes)
    return changes


def _read(batch: Batch) -> tuple[Sequence[int], Told, list[tuple[int, str]]]:
    """Ids of what could be read, what it tells, and ids with the reason of what could not."""
    read = VENDORS[batch.vendor].tickets
    assert read is not None
    try:
        return batch.ids, read(batch.bodies), []
    except AppError:
        pass  # one of them is to blame: which one shows when each is read alone
    good, found, bad = [], [Told()], []
    for number, raw in zip(batch.ids, batch.bodies, strict=True):
        try:
            found.append(read([raw]))
            good.append(number)
        except AppError as error:
            bad.append((number, error.message))
    whole = Told(
        pl.concat([one.tickets for one in found]),
        pl.concat([one.changes for one in found]),
        pl.concat([one.messages for one in found]),
    )
    return good, whole, bad
