"""The send queue: approved mail on its way out, each handed to its provider once."""

from __future__ import annotations

from services.outbox.intake import Approved, enqueue, enqueue_many, withdraw
from services.outbox.policy import SendPolicy

__all__ = ["Approved", "SendPolicy", "enqueue", "enqueue_many", "withdraw"]
