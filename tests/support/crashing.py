"""A worker in the test's own process, with a clock of its own, that can be killed at any step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import OutboxMail
from integrations.senders import Sender
from services.outbox import Timing
from tests.support.fakes.memory import Provider
from worker.delivery import Delivery

OPEN = ("queued", "claimed", "wire", "unknown")
QUICK = Timing(lease=60, margin=30, settle=15, sure=50, look_every=30, give_up=600, backoff=60)


class Killed(BaseException):
    """The process ends here: nothing after this line happens."""


@dataclass
class Clock:
    """Tests move it; Saturday is far away. `passed` is the stopwatch, which nobody sets."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 18, 12, tzinfo=UTC))
    passed: float = 0.0

    def __call__(self) -> datetime:
        return self.now

    def stopwatch(self) -> float:
        return self.passed

    def pass_by(self, seconds: float) -> None:
        self.passed += seconds
        self.set_by(seconds)

    def set_by(self, seconds: float) -> None:
        """An administrator, or a time server, sets the clock on the wall."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Bench:
    """An engine, a provider, a clock; workers come and go."""

    engine: Engine
    provider: Provider
    clock: Clock = field(default_factory=Clock)
    real: Sender | None = None
    """A sender of the product instead of the provider in memory."""

    def worker(self, at: Callable[[str], None] = lambda _step: None) -> Delivery:
        return Delivery(
            transact=partial(transaction, self.engine),
            sender_of=lambda _mailbox: self.real or self.provider,
            clock=self.clock,
            stopwatch=self.clock.stopwatch,
            timing=QUICK,
            at=at,
        )

    def crash(self, step: str, nth: int = 1) -> bool:
        """Send until `step` is reached for the nth time, and die there. False when it never was."""
        left = [nth]

        def kill(reached: str) -> None:
            if reached == step:
                left[0] -= 1
                if left[0] == 0:
                    raise Killed

        with suppress(Killed):
            while self.worker(kill).send_next():
                pass
        return left[0] <= 0

    def crash_recovering(self, step: str, rounds: int = 20) -> bool:
        """Take over and look up until `step` is reached, and die there. False when it never was."""

        def kill(reached: str) -> None:
            if reached == step:
                raise Killed

        worker = self.worker(kill)
        try:
            for _ in range(rounds):
                worker.recover()
                while worker.settle_next():
                    pass
                self.clock.pass_by(61)
        except Killed:
            return True
        return False

    def run_out(self, rounds: int = 60) -> None:
        """A healthy worker until nothing is open any more, for an hour at most."""
        for _ in range(rounds):
            worker = self.worker()
            worker.recover()
            while worker.settle_next():
                pass
            while worker.send_next():
                pass
            if not self.open():
                return
            self.clock.pass_by(61)

    def open(self) -> int:
        """How many messages still wait for a worker."""
        with transaction(self.engine, read_only=True) as session:
            states = select(OutboxMail.state)
            return sum(state in OPEN for state in session.scalars(states))
