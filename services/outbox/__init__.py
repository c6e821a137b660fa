"""The send queue: approved mail on its way out, each handed to its provider once."""

from __future__ import annotations

from services.outbox.claiming import Claimed, anything_due, claim, claim_unknown, keep_draft_id
from services.outbox.gate import pass_gate
from services.outbox.intake import Approved, enqueue, enqueue_many, withdraw
from services.outbox.policy import SendPolicy
from services.outbox.recording import not_prepared, record
from services.outbox.recovery import recover, settle
from services.outbox.timing import Timing

__all__ = [
    "Approved",
    "Claimed",
    "SendPolicy",
    "Timing",
    "anything_due",
    "claim",
    "claim_unknown",
    "enqueue",
    "enqueue_many",
    "keep_draft_id",
    "not_prepared",
    "pass_gate",
    "record",
    "recover",
    "settle",
    "withdraw",
]
