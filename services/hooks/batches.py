"""Deliveries taken in many at a time, of one account each: what all features do that read what vendors post."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from data.db import Transact
from data.errors import AppError
from data.tables import HookDelivery, Integration
from services.hooks import deliveries

MOST_BYTES = 64_000_000
"""Of bodies in one transaction: some 200,000 events of mail."""
MOST_DELIVERIES = 2_000
T = TypeVar("T")
Failed = list[tuple[int, str]]
"""Ids of deliveries that could not be read, each with the reason."""


@dataclass(frozen=True)
class Batch:
    """Deliveries of one account, the oldest first: kinds, ids and bodies side by side."""

    vendor: str
    account: int
    kinds: list[str]
    ids: list[int]
    bodies: list[bytes]


def take_in_all(
    transact: Transact, vendors: Collection[str], take_in: Callable[[Batch], int]
) -> int:
    """Hand over batch after batch of these vendors until none waits; the sum of what `take_in` gives.

    `take_in` counts a batch in one transaction with `settle`: a worker killed at any point leaves it as it
    was, and one that comes after does the same again.
    """
    return read_ahead(transact, vendors, lambda batch: batch, lambda _, batch: take_in(batch))


def read_ahead(
    transact: Transact,
    vendors: Collection[str],
    reader: Callable[[Batch], T],
    take_in: Callable[[Batch, T], int],
) -> int:
    """As `take_in_all`, with what `reader` makes of each batch: a thread reads the next one while the database
    is at work on this one. `reader` uses no database."""
    new = 0
    with ThreadPoolExecutor(1) as beside:
        batch = _next(transact, vendors)
        coming = beside.submit(reader, batch) if batch else None
        while batch and coming:
            told = coming.result()
            after = _next(transact, vendors, batch.ids)
            coming = beside.submit(reader, after) if after else None
            new += take_in(batch, told)
            batch = after or _next(transact, vendors)  # what came meanwhile
            coming = coming or (beside.submit(reader, batch) if batch else None)
    return new


def _next(
    transact: Transact, vendors: Collection[str], but_for: Sequence[int] = ()
) -> Batch | None:
    with transact() as session:
        return next_batch(session, vendors, but_for)


def next_batch(
    session: Session, vendors: Collection[str], but_for: Sequence[int] = ()
) -> Batch | None:
    """The oldest that wait, of one account, without the ids of `but_for`; at least one, however large."""
    d = HookDelivery
    waiting = (
        select(d.id, d.integration_id, Integration.vendor, d.kind, func.length(d.body))
        .join(Integration, Integration.id == d.integration_id)
        .where(d.state == "new", Integration.vendor.in_(vendors), d.id.not_in(but_for))
        .order_by(d.received_at, d.id)
        .limit(MOST_DELIVERIES)
    )
    rows = session.execute(waiting).all()
    if not rows:
        return None
    _, account, vendor, _, _ = rows[0]
    size, ids, kinds = 0, [], []
    for number, whose, _, kind, length in rows:
        if whose != account:
            continue
        size += length
        if ids and size > MOST_BYTES:
            break
        ids.append(number)
        kinds.append(kind)
    bodies = dict(session.execute(select(d.id, d.body).where(d.id.in_(ids))).all())
    return Batch(vendor, account, kinds, ids, [bodies[number] for number in ids])


def read(batch: Batch, reader: Callable[[Sequence[bytes]], T]) -> tuple[list[int], list[T], Failed]:
    """Ids of what could be read, what it says, and what could not be read. All at once where possible, since
    that is many times faster."""
    try:
        return list(batch.ids), [reader(batch.bodies)], []
    except AppError:
        pass  # one of them is to blame: which one shows when each is read alone
    good: list[int] = []
    found: list[T] = []
    bad: Failed = []
    for number, raw in zip(batch.ids, batch.bodies, strict=True):
        try:
            found.append(reader([raw]))
            good.append(number)
        except AppError as error:
            bad.append((number, error.message))
    return good, found, bad


def still_waits(session: Session, batch: Batch) -> bool:
    """False when another worker has taken some of it in; asked when it is this one's turn."""
    asked = select(HookDelivery.id).where(
        HookDelivery.id.in_(batch.ids), HookDelivery.state == "new"
    )
    return set(session.scalars(asked)) == set(batch.ids)


def settle(session: Session, good: Sequence[int], bad: Failed, *, now: datetime) -> None:
    """Mark what was taken in, and what could not be read with its reason."""
    deliveries.mark(session, good, "done", now=now)
    for number, why in bad:
        deliveries.mark(session, [number], "failed", now=now, error=why)
