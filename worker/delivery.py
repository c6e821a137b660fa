"""One message from the queue to its provider, in steps that may each be the last.

1 claim it (commit); 2 where there are drafts, make one and keep its id (commit); 3 pass the last gate and
mark it as on the wire (commit); 4 call the provider, once; 5 write down what it said (commit). Whoever
dies between two steps leaves a row that says how far it got.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

from data.db import Transact
from data.tables import Mailbox
from integrations.senders import HELD_UP, NotPrepared, Outcome, Outgoing, Sender
from services import outbox
from services.leases import Lease
from services.outbox.claiming import Claimed
from services.outbox.timing import Timing
from worker.holding import Held, Resting

log = logging.getLogger(__name__)

SendersBy = Callable[[Mailbox], Sender]
STEPS = (
    "claiming",
    "claimed",
    "preparing",
    "prepared",
    "keeping_draft",
    "draft_kept",
    "passing_gate",
    "on_the_wire",
    "called",
    "recording",
    "recorded",
)
"""What `Delivery.at` is told, in this order: "…ing" before the commit or call, the others after it."""
RECOVERY_STEPS = (
    "recovering", "recovered", "taking_to_look_up", "looking_up", "looked_up", "settling", "settled",
)  # fmt: skip
"""The same, where dead workers' messages are taken over and unknown ones looked up."""


def _nothing(_step: str) -> None:
    """In tests, the place where a worker is killed."""


@dataclass(frozen=True)
class Delivery:
    """`clock` is read before each transaction, as `now` of what it writes. `stopwatch` counts seconds and is
    never set: a wall clock that jumps cannot make a lease look younger than it is."""

    transact: Transact
    sender_of: SendersBy
    clock: Callable[[], datetime]
    timing: Timing = field(default_factory=Timing)
    stopwatch: Callable[[], float] = monotonic
    resting: Resting = field(default_factory=Resting)
    at: Callable[[str], None] = _nothing

    def send_next(self) -> bool:
        """Take the next due message as far as it goes. False when there was none."""
        now = self.clock()
        with self.transact() as session:
            claimed = outbox.claim(
                session, now=now, seconds=self.timing.lease, resting=self.resting.at(now)
            )
            self.at("claiming")
        if claimed is None:
            return False
        self.at("claimed")
        sender = self.sender_of(claimed.mailbox)
        ready = self._prepared(claimed, sender)
        if ready is None:
            return True
        started = self.stopwatch()
        lease = self._past_the_gate(claimed, sender)
        if lease is not None:
            held = self._held(lease, started, sender)
            on_the_wire = replace(ready, wire_at=self.clock(), in_time=held.for_a_moment)
            self._call(held, claimed, on_the_wire, sender)
        return True

    def _prepared(self, claimed: Claimed, sender: Sender) -> Outgoing | None:
        """With the id of the provider's draft, an earlier attempt's if there is one."""
        outgoing = claimed.outgoing
        if not sender.drafts_first or outgoing.provider_draft_id:
            return outgoing
        self.at("preparing")
        try:
            draft_id = sender.prepare(outgoing)
        except NotPrepared as refused:
            self._put_off(claimed, refused.outcome)
            return None
        except Exception:
            log.exception("not_prepared outbox=%s", claimed.lease.id)
            self._put_off(claimed, Outcome("refused_for_now", reply="The draft was not made."))
            return None
        self.at("prepared")
        if draft_id is None:
            return outgoing
        with self.transact() as session:
            kept = outbox.keep_draft_id(session, claimed.lease, draft_id)
            self.at("keeping_draft")
        self.at("draft_kept")
        return replace(outgoing, provider_draft_id=draft_id) if kept else None

    def _put_off(self, claimed: Claimed, outcome: Outcome) -> None:
        now = self.clock()
        outcome = self.resting.heed(claimed.mailbox.id, outcome, now)
        with self.transact() as session:
            outbox.not_prepared(session, claimed.lease, outcome, now=now, timing=self.timing)

    def _past_the_gate(self, claimed: Claimed, sender: Sender) -> Lease | None:
        seconds = self._wire_seconds(sender)
        with self.transact() as session:
            passed = outbox.pass_gate(session, claimed.lease, now=self.clock(), seconds=seconds)
            self.at("passing_gate")
        if passed is None:
            return None
        if passed.decision.kind == "wait" and passed.decision.rests:
            self.resting.rest_a_moment(claimed.mailbox.id, self.clock(), passed.decision.until)
        return passed.lease

    def _wire_seconds(self, sender: Sender) -> float:
        return max(self.timing.lease, sender.longest.total_seconds() + self.timing.margin)

    def _held(self, lease: Lease, started: float, sender: Sender) -> Held:
        watch = (self.clock, self.stopwatch)
        return Held(lease, started, self._wire_seconds(sender), self.timing.margin / 2, *watch)

    def _call(self, held: Held, claimed: Claimed, outgoing: Outgoing, sender: Sender) -> None:
        lease = held.lease
        self.at("on_the_wire")
        outcome = self._outcome(held, outgoing, sender)
        self.at("called")
        now = self.clock()
        outcome = self.resting.heed(claimed.mailbox.id, outcome, now)
        with self.transact() as session:
            kept = outbox.record(session, lease, outcome, now=now, timing=self.timing)
            self.at("recording")
        self.at("recorded")
        log.info("sending outbox=%s outcome=%s kept=%s", lease.id, outcome.kind, kept)

    def _outcome(self, held: Held, outgoing: Outgoing, sender: Sender) -> Outcome:
        """Not called at all when the call could outlast the lease: somebody would look it up meanwhile."""
        if not held.for_another(sender.longest.total_seconds()):
            log.warning("slept outbox=%s", held.lease.id)
            return HELD_UP
        try:
            return sender.send(outgoing)
        except Exception:
            log.exception("send_failed outbox=%s", held.lease.id)
            return Outcome("unknown")

    def recover(self) -> None:
        """Take over what dead workers held."""
        with self.transact() as session:
            done = outbox.recover(session, now=self.clock(), timing=self.timing)
            self.at("recovering")
        self.at("recovered")
        if done.queued or done.unknown or done.blocked:
            log.info(
                "recovered queued=%s unknown=%s blocked=%s",
                done.queued,
                done.unknown,
                done.blocked,
            )

    def settle_next(self) -> bool:
        """Look up one message whose outcome is unknown. False when none is due."""
        with self.transact() as session:
            claimed = outbox.claim_unknown(session, now=self.clock(), seconds=self.timing.lease)
            if claimed is None:
                return False
            self.at("taking_to_look_up")
        self.at("looking_up")
        sender = self.sender_of(claimed.mailbox)
        found = sender.look_up(claimed.outgoing) if sender.settles else None
        self.at("looked_up")
        with self.transact() as session:
            outbox.settle(session, claimed.lease, found, now=self.clock(), timing=self.timing)
            self.at("settling")
        self.at("settled")
        log.info(
            "looked_up outbox=%s found=%s", claimed.lease.id, found.kind if found else "not_asked"
        )
        return True
