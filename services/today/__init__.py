"""Today: what waits for a person, on the page and in the morning's mail."""

from __future__ import annotations

from services.today.digest import send_digests
from services.today.inbox import DraftLine, Inbox, StuckLine, inbox

__all__ = ["DraftLine", "Inbox", "StuckLine", "inbox", "send_digests"]
