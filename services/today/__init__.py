"""Today: what waits for a person, on the page and in the morning's mail."""

from __future__ import annotations

from services.today.best import Pick
from services.today.digest import send_digests
from services.today.inbox import DraftLine, Inbox, StuckLine, inbox
from services.today.team import TeamLine, desks, team

__all__ = [
    "DraftLine",
    "Inbox",
    "Pick",
    "StuckLine",
    "TeamLine",
    "desks",
    "inbox",
    "send_digests",
    "team",
]
