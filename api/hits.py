"""Opens and clicks on their way to the database: gathered for a second, written in one transaction.

A scanner that fetches a thousand links at once would otherwise hold the one write lock of SQLite a
thousand times. A crash loses that second of hits; nothing that a person decided goes this way.
"""

from __future__ import annotations

import atexit
import logging
import threading
from collections import Counter

from sqlalchemy.exc import SQLAlchemyError

from data.db import transaction
from data.errors import InTheWay
from services.tracking import Hit, Signer, known_signer, store
from services.tracking.signing import Purpose

log = logging.getLogger(__name__)
EVERY = 1.0
"""Seconds between two writes."""
MOST = 50_000
"""Hits held at a time; when the database is away for long, later ones are lost."""
MOST_OF_ONE = 20
"""Hits of one token kept per write; more of them say nothing more."""
_AT_ONCE = 5_000


class Hits:
    """Hits that wait, and the keys that tell which are ours. Safe to use from many threads."""

    def __init__(self) -> None:
        self._waiting: list[Hit] = []
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._signer: Signer | None = None
        self._writer: threading.Thread | None = None
        self._stop = threading.Event()

    def is_ours(self, purpose: Purpose, token: str) -> bool:
        """Whether we made this token; asks the database only when a key has a name not seen before."""
        if self._signer is None or token[:1] not in self._signer.keys:
            with transaction(read_only=True) as session:
                self._signer = known_signer(session)
        return self._signer is not None and self._signer.accepts(purpose, token)

    def add(self, hit: Hit) -> None:
        """Keep a hit; returns at once."""
        with self._lock:
            self._seen[hit.token] += 1
            if self._seen[hit.token] > MOST_OF_ONE or len(self._waiting) >= MOST:
                return
            self._waiting.append(hit)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="hits", daemon=True)
                self._writer.start()
                atexit.register(self.flush)

    def flush(self) -> int:
        """Write what waits; how many were added. What cannot be written now is tried again."""
        with self._writing:
            with self._lock:
                taken, self._waiting = self._waiting, []
                self._seen.clear()
            added = 0
            while taken:
                piece = taken[:_AT_ONCE]
                try:
                    with transaction() as session:
                        added += store(session, piece)
                except (SQLAlchemyError, InTheWay):
                    log.exception("hits_not_written count=%s", len(taken))
                    with self._lock:
                        self._waiting = [*taken, *self._waiting][:MOST]
                    return added
                taken = taken[_AT_ONCE:]
            return added

    def _write(self) -> None:
        while not self._stop.wait(EVERY):
            self.flush()

    def close(self) -> None:
        """Write the rest; nothing is written by itself afterwards."""
        self._stop.set()
        if self._writer is not None:
            self._writer.join()
        self.flush()


hits = Hits()
