"""What desks have posted, taken in by the worker, many deliveries at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.db import Transact
from data.errors import BadInput
from data.tables import Integration
from integrations.hooks import VENDORS
from integrations.own_states import meant, unnamed
from integrations.ticket_records import AHEAD, FUTURE, Told, latest
from services.hooks import batches, own_states
from services.hooks.batches import Batch
from services.hooks.kept import meanings
from services.matching.turn import take_turn
from services.tickets.intake import take_in
from services.tickets.source import Source

log = logging.getLogger(__name__)


def take_in_tickets(
    transact: Transact, _payload: dict[str, Any], clock: Callable[[], datetime]
) -> int:
    """Take in all that waits; how many changes of tickets were new."""
    vendors = [key for key, vendor in VENDORS.items() if vendor.tickets is not None]
    return batches.take_in_all(transact, vendors, partial(_taken, transact, clock))


def desk_of(session: Session, vendor: str, account: int) -> str:
    """Whose numbers an account's are. The first account of a vendor shares them with files and the API;
    another one's may be the same numbers of other tickets."""
    first = session.scalar(select(func.min(Integration.id)).where(Integration.vendor == vendor))
    return vendor if first in (None, account) else f"{vendor}:{account}"


def _taken(transact: Transact, clock: Callable[[], datetime], batch: Batch) -> int:
    """What is told is read before the database is held."""
    reader = VENDORS[batch.vendor].tickets
    assert reader is not None
    good, found, bad = batches.read(batch, partial(_past, reader, clock()))
    with transact() as session:
        take_turn(session)
        if not batches.still_waits(session, batch):
            return 0
        now = clock()
        source = Source(desk_of(session, batch.vendor, batch.account), "webhook")
        told = _named(session, batch, _whole([Told(), *found]))
        changes = take_in(session, source, told, now=now).changes
        batches.settle(session, good, bad, now=now)
    log.info("tickets_taken_in account=%s deliveries=%s new=%s", batch.account, len(good), changes)
    return changes


def _past(
    reader: Callable[[Sequence[bytes]], Told], now: datetime, bodies: Sequence[bytes]
) -> Told:
    """BadInput when it tells of the future: a ticket solved in years to come would answer for all until then."""
    told = reader(bodies)
    last = latest(told)
    if last is not None and last > now.astimezone(UTC).replace(tzinfo=None) + AHEAD:
        raise BadInput(FUTURE)
    return told


def _whole(found: list[Told]) -> Told:
    return Told(
        pl.concat([one.tickets for one in found]),
        pl.concat([one.changes for one in found]),
        pl.concat([one.messages for one in found]),
        pl.concat([one.own for one in found]),
    )


def _named(session: Session, batch: Batch, told: Told) -> Told:
    """With what its admin said that states of the desk's own making mean; the others are counted."""
    if told.own.is_empty():
        return told
    account = own_states.held(session, batch.account)
    said = meanings(account)
    own_states.count_unnamed(account, unnamed(told, said))
    return meant(told, said, VENDORS[batch.vendor].unnamed_state)
