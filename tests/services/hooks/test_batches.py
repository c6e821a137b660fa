"""What is taken in at once stays within memory, and is of one account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from data.db import transaction
from data.tables import HookDelivery, Integration
from services.hooks import batches
from services.hooks.batches import Batch
from tests.services.campaigns.mail_world import NOW

VENDOR = "zendesk"


def test_batches_are_of_one_account_in_order_and_no_larger_than_memory_allows(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batches, "MOST_BYTES", 10)
    sizes = ((1, 6), (2, 1), (1, 4), (1, 5), (1, 99), (2, 1))
    with transaction(engine) as session:
        for number in (1, 2):
            session.add(
                Integration(
                    id=number, vendor=VENDOR, name="Ours", address=str(number), options={},
                    state="ready", created_at=NOW,
                )
            )  # fmt: skip
        session.flush()
        for number, (account, size) in enumerate(sizes, 1):
            session.add(
                HookDelivery(
                    id=number, integration_id=account, vendor_event_id=str(number), kind="ticket",
                    body=b"x" * size, received_at=NOW + timedelta(seconds=number),
                )
            )  # fmt: skip
    taken: list[list[int]] = []

    def take_in(batch: Batch) -> int:
        taken.append(batch.ids)
        assert [len(body) for body in batch.bodies] == [sizes[i - 1][1] for i in batch.ids]
        with transaction(engine) as session:
            assert batches.still_waits(session, batch)
            batches.settle(session, batch.ids, [], now=NOW)
            assert not batches.still_waits(session, batch)
        return len(batch.ids)

    assert batches.take_in_all(lambda: transaction(engine), [VENDOR], take_in) == len(sizes)
    assert taken == [[1, 3], [2, 6], [4], [5]]
