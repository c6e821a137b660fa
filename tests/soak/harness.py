"""One cell of the soak: a queue, workers, a provider with faults, a nemesis, and the verdict."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, func, insert, select

from data.db import transaction
from data.tables import Customer, OutboxMail, Stakeholder, StakeholderEmail
from services import outbox, suppression
from services.clock import utc_now
from services.outbox import policy
from tests.soak.judging import Suppressed, Verdict
from tests.support import queued
from tests.support.server import ROOT

WORKERS, LANES = 3, 2
LONGEST = 1.0
TIMING = {
    "lease": 1.8,
    "margin": 0.8,
    "settle": 0.3,
    "sure": 2.5,
    "look_every": 0.5,
    "give_up": 30.0,
    "backoff": 0.3,
    "longest_backoff": 2.0,
}
SLEEP_SECONDS = 2.4
"""Past the lease, which is 1.8 s on the wire too."""
PER_CUSTOMER = 5
STATES = ("queued", "claimed", "wire", "unknown")


@dataclass(frozen=True)
class Size:
    sends: int
    kills: int
    sleeps: int
    suppressions: int


def fill(engine: Engine, sends: int) -> None:
    """`sends` mails that may go, to one person each but for every tenth, who gets one more than the cap.

    The customers' cap leaves room for all of them.
    """
    now = utc_now()
    with transaction(engine) as session:
        admin = queued.colleague(session, "Ada", "admin")
        always = outbox.SendPolicy(quiet_until=policy.SendPolicy.quiet_from, weekends=True)
        policy.save(session, always, by=admin, now=now)
        lots = {"per_minute": 1_000_000, "per_day": 1_000_000, "state": "ready"}
        boxes = [queued.mailbox(session, **lots) for _ in range(3)]
        people = sends - sends // 11
        _people(session, people)
        mails = [
            queued.approved(
                boxes[n % 3],
                f"p{n}@acme.example",
                now,
                customer_id=n // PER_CUSTOMER + 1,
                stakeholder_id=n + 1,
                owner_id=admin.person_id,
            )
            for n in range(people)
            for _ in range(3 if n % 10 == 0 else 1)
        ]
        random.Random(7).shuffle(mails)
        outbox.enqueue_many(session, mails, now=now)


def _people(session: Any, count: int) -> None:
    at = {"created_at": queued.SINCE, "updated_at": queued.SINCE}
    customers = count // PER_CUSTOMER + 1
    session.execute(
        insert(Customer), [{"id": n + 1, "name": f"Acme {n}", **at} for n in range(customers)]
    )
    session.execute(
        insert(Stakeholder),
        [{"id": n + 1, "customer_id": n // PER_CUSTOMER + 1, **at} for n in range(count)],
    )
    session.execute(
        insert(StakeholderEmail),
        [
            {
                "email": f"p{n}@acme.example",
                "shown_as": f"p{n}@acme.example",
                "stakeholder_id": n + 1,
            }
            for n in range(count)
        ],
    )


class Herd:
    """The workers of a cell, and what befalls them."""

    def __init__(self, zygote: subprocess.Popen[str], seed: int) -> None:
        self._zygote = zygote
        self._random = random.Random(seed)
        self.pids = [self._spawn() for _ in range(WORKERS)]
        self._asleep: dict[int, float] = {}
        self.kills = self.sleeps = 0

    def _spawn(self) -> int:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write("spawn\n")
        self._zygote.stdin.flush()
        return int(self._zygote.stdout.readline())

    def kill_one(self) -> None:
        place = self._random.randrange(len(self.pids))
        pid = self.pids[place]
        if pid not in self._asleep:
            os.kill(pid, signal.SIGKILL)
            self.pids[place] = self._spawn()
            self.kills += 1

    def stop_one(self) -> None:
        awake = [pid for pid in self.pids if pid not in self._asleep]
        if len(awake) > 1:
            pid = self._random.choice(awake)
            os.kill(pid, signal.SIGSTOP)
            self._asleep[pid] = time.monotonic() + SLEEP_SECONDS
            self.sleeps += 1

    def wake(self, *, everybody: bool = False) -> None:
        for pid, until in list(self._asleep.items()):
            if everybody or until <= time.monotonic():
                del self._asleep[pid]
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def herd(engine: Engine, plan: dict[str, Any], seed: int) -> Generator[Herd]:
    whole = {
        "url": engine.url.render_as_string(hide_password=False),
        "timing": TIMING,
        "longest": LONGEST,
        "lanes": LANES,
        "naive": False,
    } | plan
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.soak.zygote", json.dumps(whole)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    made = Herd(zygote, seed)
    try:
        yield made
    finally:
        made.end()
        assert zygote.stdin is not None
        zygote.stdin.close()
        zygote.wait(10)
        assert zygote.stdout is not None
        zygote.stdout.close()


def suppress_meanwhile(
    engine: Engine, count: int, people: int, over: threading.Event, found: list[Suppressed]
) -> None:
    """Unsubscribes people one after the other while the workers send."""
    chance = random.Random(3)
    for n in chance.sample(range(people), count):
        if over.wait(0.01):
            return
        with transaction(engine) as session:
            suppression.suppress(session, f"p{n}@acme.example", "", "unsubscribed", now=utc_now())
        found.append(Suppressed(n + 1, utc_now()))


def run(
    engine: Engine, plan: dict[str, Any], size: Size, seed: int, seconds: float = 900
) -> tuple[list[Suppressed], Verdict]:
    """Let it all happen; ends when nothing is left to do, with every kill and sleep spent."""
    verdict = Verdict()
    told: list[Suppressed] = []
    over = threading.Event()
    suppressor = threading.Thread(
        target=suppress_meanwhile,
        args=[engine, size.suppressions, size.sends - size.sends // 11, over, told],
    )
    started = time.monotonic()
    with herd(engine, plan, seed) as workers:
        suppressor.start()
        chance = random.Random(seed)
        while time.monotonic() - started < seconds:
            left = work_left(engine)
            # Spread over the run, and over before it ends.
            share = (1 - left / size.sends) / 0.8
            if workers.kills < size.kills and workers.kills <= share * size.kills:
                workers.kill_one()
            if workers.sleeps < size.sleeps and workers.sleeps <= share * size.sleeps:
                workers.stop_one()
            workers.wake()
            if not left:
                break
            time.sleep(chance.uniform(0.01, 0.08))
        over.set()
        suppressor.join()
        workers.wake(everybody=True)
        time.sleep(0.3)  # who was asleep may still do harm
    verdict.kills, verdict.sleeps = workers.kills, workers.sleeps
    verdict.seconds = time.monotonic() - started
    return told, verdict


def work_left(engine: Engine) -> int:
    """Messages that a worker has to do something about now or within the next minute."""
    soon = utc_now() + timedelta(minutes=1)
    with transaction(engine, read_only=True) as session:
        return (
            session.scalar(
                select(func.count())
                .select_from(OutboxMail)
                .where(OutboxMail.state.in_(STATES), OutboxMail.due_at <= soon)
            )
            or 0
        )
