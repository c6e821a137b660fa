"""What features know that keeps an approved mail back for now: asked at the last gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from data.tables import OutboxMail

Hold = Callable[[Session, OutboxMail, datetime], str | None]
"""Why the mail must wait, in a sentence; None where nothing speaks against it."""
AGAIN = timedelta(minutes=30)
"""When a mail that is held is looked at again."""
_HOLDS: list[Hold] = []


def add_hold(hold: Hold) -> Hold:
    """Let a feature hold its mail when something happened after approval. Usable as a decorator, on a
    function of a module that the worker imports."""
    if hold not in _HOLDS:
        _HOLDS.append(hold)
    return hold


def held(session: Session, row: OutboxMail, now: datetime) -> str | None:
    """The first reason there is."""
    return next((why for hold in _HOLDS if (why := hold(session, row, now))), None)
