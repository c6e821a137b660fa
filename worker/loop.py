"""The worker's lanes: some send, one takes over what was left behind, one looks up the unknown, one works."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from data.db import Transact
from services import jobs, outbox
from services.outbox import pulse
from worker.delivery import Delivery
from worker.jobs import Runner

log = logging.getLogger(__name__)
IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 5.0
LOOK_SECONDS = 15.0


@dataclass(frozen=True)
class Lane:
    """`work` does one thing and says whether there may be more at once."""

    name: str
    work: Callable[[], bool]
    idle: float


class Worker:
    """`stop` lets every lane finish what it holds, and take nothing more. `reading` opens a transaction
    that writes nothing."""

    def __init__(
        self,
        delivery: Delivery,
        runner: Runner,
        reading: Transact,
        *,
        senders: int,
        idle: float = IDLE_SECONDS,
        look_every: float = LOOK_SECONDS,
    ) -> None:
        self._stop = threading.Event()
        lanes = [
            Lane(f"sender-{n}", _after_a_look(delivery, reading), idle * (1 + n))
            for n in range(senders)
        ]
        lanes.append(Lane("recovery", _recovery(delivery), look_every))
        # Apart from recovery, which says that we are alive: a provider that is down answers late or never.
        lanes.append(Lane("look-ups", delivery.settle_next, look_every))
        lanes.append(Lane("jobs", runner.run_next, idle))
        self._threads = [
            threading.Thread(target=self._run, args=[lane], name=lane.name) for lane in lanes
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Safe in a signal handler; returns at once."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Until it is told to stop; whether it was, within `seconds`."""
        return self._stop.wait(seconds)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _run(self, lane: Lane) -> None:
        while not self._stop.is_set():
            try:
                busy = lane.work()
            except Exception:
                log.exception("lane_in_trouble lane=%s", lane.name)
                self._stop.wait(TROUBLE_SECONDS)
                continue
            if not busy:
                self._stop.wait(lane.idle)


def _after_a_look(delivery: Delivery, reading: Transact) -> Callable[[], bool]:
    """An idle worker only reads: on SQLite a claim that finds nothing would still keep writers waiting."""

    def work() -> bool:
        with reading() as session:
            due = outbox.anything_due(session, delivery.clock())
        return due and delivery.send_next()

    return work


def _recovery(delivery: Delivery) -> Callable[[], bool]:
    def work() -> bool:
        now = delivery.clock()
        delivery.recover()
        with delivery.transact() as session:
            jobs.recover(session, now=now)
            pulse.beat(session, now=now)
        return False

    return work
