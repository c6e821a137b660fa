"""What mail vendors have posted, taken in by the worker, many deliveries at a time."""

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
from integrations.hooks import VENDORS, ses
from integrations.hooks.certificates import fetch
from services.campaigns.intake import take_in
from services.campaigns.source import Source
from services.hooks import deliveries
from services.matching.turn import take_turn

log = logging.getLogger(__name__)
MOST_BYTES = 64_000_000
"""Of bodies in one transaction: some 200,000 events."""
MOST_DELIVERIES = 2_000
CONFIRM = "SubscriptionConfirmation"
"""Amazon asks whether we want the messages of a topic."""

Transact = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Batch:
    """Deliveries of one account: their ids and bodies, side by side."""

    vendor: str
    account: int
    kinds: list[str]
    ids: list[int]
    bodies: list[bytes]


def take_in_mail(
    transact: Transact, _payload: dict[str, Any], clock: Callable[[], datetime]
) -> int:
    """Take in all that waits; how many events were new.

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
    vendors = [key for key, vendor in VENDORS.items() if vendor.read is not None]
    d = HookDelivery
    waiting = (
        select(d.id, d.integration_id, Integration.vendor, d.kind, func.length(d.body))
        .join(Integration, Integration.id == d.integration_id)
        .where(d.state == "new", Integration.vendor.in_(vendors))
        .order_by(d.received_at, d.id)
        .limit(MOST_DELIVERIES)
    )
    rows = session.execute(waiting).all()
    if not rows:
        return None
    first, size, chosen = rows[0], 0, []
    for row in rows:
        if row[1] != first[1]:
            continue
        size += row[4]
        if chosen and size > MOST_BYTES:
            break
        chosen.append(row)
    bodies = dict(
        session.execute(select(d.id, d.body).where(d.id.in_([row[0] for row in chosen]))).all()
    )
    ids = [row[0] for row in chosen]
    return Batch(first[2], first[1], [row[3] for row in chosen], ids, [bodies[i] for i in ids])


def _taken(transact: Transact, batch: Batch, clock: Callable[[], datetime]) -> int:
    """The frames are made before the database is held."""
    vendor = VENDORS[batch.vendor]
    good, frames, bad = _read(batch)
    with transact() as session:
        take_turn(session)
        still = _still_new(session, batch.ids)
        if still != set(batch.ids):
            return 0  # another worker was here
        now = clock()
        new = 0
        if frames:
            source = Source(batch.vendor, vendor.label, "webhook", batch.account)
            new = take_in(session, source, pl.concat(frames), now=now).new
        deliveries.mark(session, good, "done", now=now)
        for number, why in bad:
            deliveries.mark(session, [number], "failed", now=now, error=why)
    log.info("mail_taken_in account=%s deliveries=%s new=%s", batch.account, len(good), new)
    return new


def _still_new(session: Session, ids: Sequence[int]) -> set[int]:
    asked = select(HookDelivery.id).where(HookDelivery.id.in_(ids), HookDelivery.state == "new")
    return set(session.scalars(asked))


def _read(batch: Batch) -> tuple[list[int], list[pl.DataFrame], list[tuple[int, str]]]:
    """Ids of what could be read, the frames, and ids with the reason of what could not."""
    read = VENDORS[batch.vendor].read
    assert read is not None
    bad = [
        (number, "The subscription could not be confirmed. Ask Amazon to send the question again.")
        for number, kind, raw in zip(batch.ids, batch.kinds, batch.bodies, strict=True)
        if kind == CONFIRM and not _confirmed(raw)
    ]
    refused = {number for number, _ in bad}
    good = [number for number in batch.ids if number not in refused]
    try:
        return good, [read(batch.bodies)], bad
    except AppError:
        pass  # one of them is to blame: which one shows when each is read alone
    frames: list[pl.DataFrame] = []
    for number, raw in zip(batch.ids, batch.bodies, strict=True):
        try:
            frames.append(read([raw]))
        except AppError as error:
            bad.append((number, error.message))
    refused = {number for number, _ in bad}
    return [number for number in batch.ids if number not in refused], frames, bad


def _confirmed(raw: bytes) -> bool:
    """Its signature was checked at the door; the address is followed only when it is Amazon's."""
    url = ses.subscribe_url(raw)
    return url is not None and fetch(url) is not None
