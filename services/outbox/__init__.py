"""The send queue: approved mail on its way out, each handed to its provider once."""

from __future__ import annotations

from services.outbox.acts import cancel, pause_all, resume_all, retry, send_again, went_out
from services.outbox.claiming import Claimed, anything_due, claim, claim_unknown, keep_draft_id
from services.outbox.gate import pass_gate
from services.outbox.holds import add_hold
from services.outbox.intake import Approved, enqueue, enqueue_many, withdraw
from services.outbox.listing import (
    QueueFilters,
    QueueRow,
    QueueView,
    counts,
    export,
    listing,
    total,
    view,
)
from services.outbox.moves import GIVEN_UP
from services.outbox.policy import SendPolicy
from services.outbox.recording import not_prepared, record
from services.outbox.recovery import recover, settle
from services.outbox.timing import Timing

__all__ = [
    "GIVEN_UP",
    "Approved",
    "Claimed",
    "QueueFilters",
    "QueueRow",
    "QueueView",
    "SendPolicy",
    "Timing",
    "add_hold",
    "anything_due",
    "cancel",
    "claim",
    "claim_unknown",
    "counts",
    "enqueue",
    "enqueue_many",
    "export",
    "keep_draft_id",
    "listing",
    "not_prepared",
    "pass_gate",
    "pause_all",
    "record",
    "recover",
    "resume_all",
    "retry",
    "send_again",
    "settle",
    "total",
    "view",
    "went_out",
    "withdraw",
]
