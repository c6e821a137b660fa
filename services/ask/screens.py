"""Screens that are asked for by their name: the answer leads there."""

from __future__ import annotations

import re

from services.access import ADMINISTRATOR, MANAGER
from services.ask.answers import Answer, Link
from services.ask.book import Desk
from services.ask.saying import answered, links

TITLES = {
    "today": "Today", "ask": "Ask", "drafts": "Drafts", "send_queue": "Send queue", "invitations": "Invitations",
    "engagement": "Engagement", "risk": "Risk", "backtest": "Backtest", "advocacy": "Advocacy", "events": "Events",
    "plan_event": "Plan event", "event_analysis": "Event analysis", "impact": "Impact", "campaigns": "Campaigns",
    "tickets": "Tickets", "customers": "Customers", "upload": "Upload", "record_attendance": "Record attendance",
    "match_review": "Match review", "scoring_settings": "Score weights", "templates": "Mail templates",
    "suppression": "Do not contact", "mailboxes": "Mailboxes", "integrations": "Integrations", "people": "People",
    "audit_log": "Audit log", "settings": "Settings",
}  # fmt: skip
"""By the screen's key, as the menu has it."""
RESERVED = {
    "impact": (MANAGER, ADMINISTRATOR),
    "people": (MANAGER, ADMINISTRATOR),
    "integrations": (ADMINISTRATOR,),
    "audit_log": (ADMINISTRATOR,),
}
"""Those that are not in everybody's menu, with whose they are."""
_KEYS = {title.casefold(): key for key, title in TITLES.items()}
_ASKED = re.compile(
    r"(?:(?:please|open|show|find|view|go|take me|bring me|navigate|switch|where is|where s|where are|me|to|the|my|our) )*"
    r"(?P<title>.+?)(?: (?:page|screen|please))*"
)


def named(desk: Desk, said: str) -> Answer | None:
    """The way to the screen that is all of it but "open" and the like; None where it is no screen."""
    plain = re.sub(r"[\W_]+", " ", said.casefold()).strip()
    found = _ASKED.fullmatch(plain)
    key = _KEYS.get(found["title"]) if found else None
    if key is None:
        return None
    title, whose = TITLES[key], RESERVED.get(key)
    if whose and desk.by.role not in whose:
        return answered(f"{title} is for {' and '.join(f'{role}s' for role in whose)}.")
    return answered(f"{title} is here.", links(Link(key, f"Open {title}")))
