"""What mail vendors have posted, taken in by the worker, many deliveries at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl

from data.db import Transact
from integrations.hooks import VENDORS, ses
from integrations.hooks.certificates import fetch
from services.campaigns.intake import take_in
from services.campaigns.source import Source
from services.hooks import batches
from services.hooks.batches import Batch
from services.matching.turn import take_turn

log = logging.getLogger(__name__)
Told = tuple[list[int], list[pl.DataFrame], batches.Failed]
"""See services.hooks.batches.read."""
CONFIRM = "SubscriptionConfirmation"
"""Amazon asks whether we want the messages of a topic."""
_UNCONFIRMED = "The subscription could not be confirmed. Ask Amazon to send the question again."


def take_in_mail(
    transact: Transact, _payload: dict[str, Any], clock: Callable[[], datetime]
) -> int:
    """Take in all that waits; how many events were new."""
    vendors = [key for key, vendor in VENDORS.items() if vendor.read is not None]
    return batches.read_ahead(transact, vendors, _told, partial(_taken, transact, clock))


def _told(batch: Batch) -> Told:
    reader = VENDORS[batch.vendor].read
    assert reader is not None
    return batches.read(batch, reader)


def _taken(transact: Transact, clock: Callable[[], datetime], batch: Batch, told: Told) -> int:
    good, frames, bad = told
    refused = set(_unconfirmed(batch)).intersection(good)
    good = [number for number in good if number not in refused]
    bad += [(number, _UNCONFIRMED) for number in sorted(refused)]
    with transact() as session:
        take_turn(session)
        if not batches.still_waits(session, batch):
            return 0
        now = clock()
        new = 0
        if frames:
            source = Source(batch.vendor, VENDORS[batch.vendor].label, "webhook", batch.account)
            new = take_in(session, source, pl.concat(frames), now=now).new
        batches.settle(session, good, bad, now=now)
    log.info("mail_taken_in account=%s deliveries=%s new=%s", batch.account, len(good), new)
    return new


def _unconfirmed(batch: Batch) -> list[int]:
    return [
        number
        for number, kind, raw in zip(batch.ids, batch.kinds, batch.bodies, strict=True)
        if kind == CONFIRM and not _confirmed(raw)
    ]


def _confirmed(raw: bytes) -> bool:
    """Its signature was checked at the door; the address is followed only when it is Amazon's."""
    url = ses.subscribe_url(raw)
    return url is not None and fetch(url) is not None
