"""What a worker holds, and for how long; which mailboxes it lets rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from integrations.senders import Outcome
from services.leases import Lease

A_MOMENT = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Held:
    """A message on the wire in our hands. `started`: the stopwatch before its lease of `seconds` began;
    `spare` seconds are kept free for what comes after a call."""

    lease: Lease
    started: float
    seconds: float
    spare: float
    clock: Callable[[], datetime]
    stopwatch: Callable[[], float]

    def for_another(self, seconds: float) -> bool:
        """Whether nobody takes the message from us for that long, by either clock."""
        needed = seconds + self.spare
        by_the_wall = self.clock() + timedelta(seconds=needed) <= self.lease.until
        return by_the_wall and self.stopwatch() - self.started + needed <= self.seconds

    def for_a_moment(self) -> bool:
        return self.for_another(0)


@dataclass
class Resting:
    """Mailboxes that have reached their limit, and until when: kept so that claims pass them over."""

    _until: dict[int, datetime] = field(default_factory=dict)
    _in_a_row: dict[int, int] = field(default_factory=dict)
    """How often the provider has said that it is enough, since it took something."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, now: datetime) -> list[int]:
        with self._lock:
            self._until = {box: until for box, until in self._until.items() if until > now}
            return list(self._until)

    def rest(self, mailbox_id: int, until: datetime | None) -> None:
        if until is not None:
            with self._lock:
                self._until[mailbox_id] = until

    def heed(self, mailbox_id: int, outcome: Outcome, now: datetime) -> Outcome:
        """What its provider said. At its limit it rests for as long as that asks for, else for twice as long
        each time, up to an hour; as long as it takes mail, only when asked to. Gives the outcome with how
        long the limit is heeded: what was refused stands in the queue until then, and says so."""
        with self._lock:
            before = self._in_a_row.pop(mailbox_id, 0)
            if outcome.at_limit:
                self._in_a_row[mailbox_id] = before + 1
        if outcome.at_limit:
            own = min(A_MOMENT * 2 ** min(before, 6), AN_HOUR)
            outcome = replace(outcome, retry_after=outcome.retry_after or own)
            self.rest(mailbox_id, now + (outcome.retry_after or own))
        elif outcome.kind == "refused_for_now" and outcome.retry_after:
            self.rest(mailbox_id, now + outcome.retry_after)
        return outcome

    def rest_a_moment(self, mailbox_id: int, now: datetime, until: datetime | None) -> None:
        """At its own limit, which somebody may raise, though it is one of a day: the gate is asked anew soon."""
        self.rest(mailbox_id, min(until, now + A_MOMENT) if until else None)
