"""Reading the answers of the page Ask, as its page does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from data.db import transaction
from services import drafts
from services.access import Viewer
from services.ask import history
from services.ask.answers import DraftShown, Text
from services.ask.book import OnScreen
from services.ask.conversation import Said, say
from services.ask.history import Turn
from services.clock import utc_now


def say_to(by: Viewer, text: str, now: datetime, **more: Any) -> Turn:
    """The turn that comes of it."""
    number = say(Said(text, **more), by=by, now=now)
    with transaction(read_only=True) as session:
        return next(one for one in history.turns(session, by).turns if one.id == number)


def words(turn: Turn) -> str:
    return "\n".join(
        block.words if isinstance(block, Text) else repr(block) for block in turn.blocks
    )


def kinds(turn: Turn, kind: type) -> list[Any]:
    return [block for block in turn.blocks if isinstance(block, kind)]


def on_screen(turn: Turn, by: Viewer) -> dict[int, OnScreen]:
    """What the page would remember of the mails it drew."""
    found = {}
    with transaction(read_only=True) as session:
        for block in kinds(turn, DraftShown):
            one = drafts.view(session, by, block.draft_id, utc_now())
            soft = tuple(b.code for b in one.blocks if not b.hard)
            found[one.id] = OnScreen(one.revision, soft, one.way)
    return found
