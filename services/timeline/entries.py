"""Everything that happened with a customer, in one list: what was noted, and the facts themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.access import Viewer, require_customer
from services.timeline import desk, facts, notes
from services.timeline.entry import Entry

KINDS = {
    "event": "Events",
    "mail": "Mail",
    "reply": "Replies",
    "task": "Tasks",
    "note": "Notes",
    "signal": "Signals",
    "ticket": "Tickets",
    "upload": "Uploads",
    "edit": "Changes",
    "date": "Dates",
    notes.WITHDRAWN: "Taken back",
}
"""What the list can be filtered by, and what people call it."""
MOST = 200
_SOURCES = {**facts.SOURCES, "ticket": desk.tickets}


def timeline(
    session: Session,
    by: Viewer,
    customer_id: int,
    *,
    kinds: tuple[str, ...] = (),
    before: datetime | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Newest first; `kinds` of KINDS (none: all), older than `before`. NotFound for foreign customers."""
    customer = require_customer(session, by, customer_id)
    count = min(max(limit, 1), MOST)
    wanted = kinds or tuple(KINDS)
    found = [
        entry
        for kind, source in _SOURCES.items()
        if kind in wanted
        for entry in source(session, customer, before, count)
    ]
    found += notes.noted(session, customer, wanted, before, count)
    return sorted(found, key=lambda entry: (entry.at, entry.title), reverse=True)[:count]
