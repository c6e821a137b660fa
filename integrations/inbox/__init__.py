"""Mail that comes to our mailboxes: fetched by vendor, read the same way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

MOST = 200
"""Messages taken in one round; the rest comes with the next."""
MOST_BYTES = 2 * 1024 * 1024
"""Of one message: what is behind that are attachments."""


@dataclass(frozen=True)
class InboundMessage:
    """`provider_id` is unique in its mailbox; `thread_id` is the provider's, where it has threads."""

    provider_id: str
    raw: bytes = field(repr=False)
    received_at: datetime
    thread_id: str | None = None


@dataclass(frozen=True)
class Fetched:
    """Oldest first, and where to go on next time: JSON that the mailbox keeps."""

    messages: tuple[InboundMessage, ...]
    cursor: dict[str, Any]
