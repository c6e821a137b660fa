"""The worker's lanes beside each other."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

from data.db import transaction
from services.clock import utc_now
from services.mailboxes import sender_of
from services.outbox import pulse
from worker.delivery import Delivery
from worker.jobs import Runner
from worker.loop import Worker


class Endless(Delivery):
    """Always one more message to look up, at a provider that takes its time."""

    asked, answered = threading.Event(), threading.Event()

    def settle_next(self) -> bool:
        self.asked.set()
        self.answered.wait(20)
        return True


def test_provider_that_takes_its_time_holds_up_neither_the_pulse_nor_the_end(engine: Engine):
    transact, reading = partial(transaction, engine), partial(transaction, engine, read_only=True)
    delivery = Endless(transact, sender_of, utc_now)
    worker = Worker(
        delivery, Runner(transact, utc_now, {}), reading, senders=1, idle=0.05, look_every=0.05
    )
    worker.start()
    try:
        assert delivery.asked.wait(20)
        before = utc_now()
        assert any(_beat(engine) > before or worker.wait(0.05) for _ in range(200))
    finally:
        worker.stop()
        delivery.answered.set()
    ended = threading.Thread(target=worker.join, daemon=True)
    ended.start()
    ended.join(20)
    assert not ended.is_alive()


def _beat(engine: Engine) -> datetime:
    with transaction(engine, read_only=True) as session:
        return pulse.last(session) or datetime.min.replace(tzinfo=UTC)
