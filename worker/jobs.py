"""One job from the queue, by its kind's entry in the table of kinds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.db import Transact
from data.errors import AppError
from services import jobs
from services.jobs import Held

log = logging.getLogger(__name__)
LEASE_SECONDS = 300.0
Payload = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`run(session, payload, now)` is done in the transaction that finishes the job: at most once counts.

    With `apart` it is `run(transact, payload, clock)`: long or on the network, with transactions of its
    own, done at least once.
    """

    run: Callable[[Any, Payload, Any], object]
    apart: bool = False


class _Lost(Exception):
    """The lease ran out: another worker has the job, so what was done here is rolled back."""


@dataclass(frozen=True)
class Runner:
    transact: Transact
    clock: Callable[[], datetime]
    kinds: Mapping[str, Kind]
    lease_seconds: float = LEASE_SECONDS

    def run_next(self) -> bool:
        """Do the next due job. False when there was none."""
        with self.transact() as session:
            held = jobs.claim(session, self.kinds, now=self.clock(), seconds=self.lease_seconds)
        if held is None:
            return False
        kind = self.kinds[held.kind]
        try:
            if kind.apart:
                self._apart(kind, held)
            else:
                self._within(kind, held)
        except _Lost:
            log.warning("job_lost kind=%s job=%s", held.kind, held.lease.id)
        except Exception as error:
            log.exception("job_failed kind=%s job=%s", held.kind, held.lease.id)
            self._failed(held, error)
        else:
            log.debug("job_done kind=%s job=%s", held.kind, held.lease.id)
        return True

    def _within(self, kind: Kind, held: Held) -> None:
        with self.transact() as session:
            now = self.clock()
            kind.run(session, held.payload, now)
            if not jobs.finish(session, held, now=now):
                raise _Lost

    def _apart(self, kind: Kind, held: Held) -> None:
        with self._kept(held):
            kind.run(self.transact, held.payload, self.clock)
        with self.transact() as session:
            if not jobs.finish(session, held, now=self.clock()):
                raise _Lost

    def _failed(self, held: Held, error: Exception) -> None:
        # Other errors' texts may hold anything; theirs are in the log, which hides addresses.
        words = error.message if isinstance(error, AppError) else type(error).__name__
        with self.transact() as session:
            jobs.fail(session, held, words, now=self.clock())

    @contextmanager
    def _kept(self, held: Held) -> Iterator[None]:
        """Renew the lease while the block runs."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(self.lease_seconds / 3):
                try:
                    with self.transact() as session:
                        jobs.renew(session, held, now=self.clock(), seconds=self.lease_seconds)
                except Exception:
                    log.exception("not_renewed job=%s", held.lease.id)

        keeper = threading.Thread(target=renew, name="renewing", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()
