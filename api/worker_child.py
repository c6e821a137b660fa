"""The worker as a child of the app: started with it, started again when it ends, stopped with it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from data.db import transaction
from data.errors import InTheWay
from data.settings import PROJECT
from services.clock import utc_now
from services.outbox import pulse

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before it is started again, doubled each time."""
HEALTHY_SECONDS = 120.0
"""One that lived this long did not die of its start."""
ALARM_AFTER = 5
STOP_SECONDS = 150.0
"""More than the longest call to a provider, which it is allowed to finish."""


class WorkerChild:
    """Not more than one at a time. `command` differs in tests."""

    def __init__(self, command: list[str] | None = None) -> None:
        self._command = command or [sys.executable, "-m", "worker", "--child"]
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        self._keeper.start()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask it to finish what it holds, and wait; a child that does not end in time is killed, which
        loses nothing."""
        self._stop.set()
        process = self._process
        if process is not None:
            process.terminate()
        self._keeper.join(seconds)
        if self._keeper.is_alive() and self._process is not None:
            self._process.kill()
            self._keeper.join()

    @property
    def pid(self) -> int | None:
        """Of the child that runs now."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def _keep(self) -> None:
        short_lives = 0
        while not self._stop.is_set():
            born = monotonic()
            code = self._live()
            if self._stop.is_set():
                return
            short_lives = short_lives + 1 if monotonic() - born < HEALTHY_SECONDS else 1
            log.error("worker_ended code=%s times=%s", code, short_lives)
            if short_lives == ALARM_AFTER:
                _alarm(short_lives)
            self._stop.wait(min(FIRST_PAUSE * 2 ** (short_lives - 1), LONGEST_PAUSE))

    def _live(self) -> int:
        # It reads until this pipe closes, so it ends even when the app is killed.
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, cwd=PROJECT)  # noqa: S603
        self._process = process
        if self._stop.is_set():
            process.terminate()
        try:
            return process.wait()
        finally:
            if process.stdin is not None:
                process.stdin.close()


def _alarm(times: int) -> None:
    try:
        with transaction() as session:
            pulse.tell_admins(session, times, now=utc_now())
    except (SQLAlchemyError, InTheWay):
        log.exception("admins_not_told")
