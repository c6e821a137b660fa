"""Every screen, as data: what the menu shows, to whom, and which file draws it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

PROJECT = Path(__file__).resolve().parent.parent
PAGES_FOLDER = PROJECT / "pages"
ICON = str(PROJECT / "templates" / "pages" / "icon.png")
LOGO = str(PROJECT / "templates" / "pages" / "logo.svg")
EVERYONE = ("csm", "manager", "admin")


@dataclass(frozen=True)
class Screen:
    """`key` is the last part of the address; `title` is what the page passes to `layout.page`."""

    key: str
    title: str
    icon: str
    section: str
    roles: Sequence[str] = EVERYONE
    hidden: bool = False

    @property
    def file(self) -> Path:
        return PAGES_FOLDER / f"{self.key}.py"


SCREENS = (
    Screen("today", "Today", ":material/today:", ""),
    Screen("ask", "Ask", ":material/forum:", ""),
    Screen("drafts", "Drafts", ":material/drafts:", "Work"),
    Screen("send_queue", "Send queue", ":material/outbox:", "Work"),
    Screen("draft", "Draft", ":material/draft:", "Work", hidden=True),
    Screen("invitations", "Invitations", ":material/forward_to_inbox:", "Work"),
    Screen("engagement", "Engagement", ":material/leaderboard:", "Insight"),
    Screen("risk", "Risk", ":material/trending_down:", "Insight"),
    Screen("backtest", "Backtest", ":material/history_toggle_off:", "Insight"),
    Screen("advocacy", "Advocacy", ":material/star:", "Insight"),
    Screen("events", "Events", ":material/event:", "Insight"),
    Screen("event", "Event", ":material/event:", "Insight", hidden=True),
    Screen("plan_event", "Plan event", ":material/edit_calendar:", "Insight", hidden=True),
    Screen("event_analysis", "Event analysis", ":material/query_stats:", "Insight"),
    Screen("impact", "Impact", ":material/monitoring:", "Insight", ("manager", "admin")),
    Screen("campaigns", "Campaigns", ":material/campaign:", "Insight"),
    Screen("one_campaign", "Campaign", ":material/campaign:", "Insight", hidden=True),
    Screen("tickets", "Tickets", ":material/support_agent:", "Insight"),
    Screen("one_ticket", "Ticket", ":material/support_agent:", "Insight", hidden=True),
    Screen("customers", "Customers", ":material/groups:", "Insight"),
    Screen("customer", "Customer", ":material/domain:", "Insight", hidden=True),
    Screen("upload", "Upload", ":material/upload_file:", "Data"),
    Screen("record_attendance", "Record attendance", ":material/how_to_reg:", "Data"),
    Screen("match_review", "Match review", ":material/rule:", "Data"),
    Screen("scoring_settings", "Score weights", ":material/tune:", "Administration"),
    Screen("templates", "Mail templates", ":material/edit_note:", "Administration"),
    Screen("suppression", "Do not contact", ":material/do_not_disturb_on:", "Administration"),
    Screen("mailboxes", "Mailboxes", ":material/alternate_email:", "Administration"),
    Screen("integrations", "Integrations", ":material/webhook:", "Administration", ("admin",)),
    Screen("people", "People", ":material/badge:", "Administration", ("manager", "admin")),
    Screen("audit_log", "Audit log", ":material/receipt_long:", "Administration", ("admin",)),
    Screen("settings", "Settings", ":material/settings:", "Administration"),
)
HOME = SCREENS[0]


def screen_titled(title: str) -> Screen | None:
    return next((screen for screen in SCREENS if screen.title == title), None)


def menu_for(role: str, waiting: int = 0) -> dict[str, list[StreamlitPage]]:
    """The menu's sections for a role. Screens of other roles are hidden: who follows an address of one reads there
    that it is not theirs, where a page nobody knows would only be "not found".

    `waiting` is the badge: how many notifications are unread, beside the first screen's name.
    """
    sections: dict[str, list[StreamlitPage]] = {}
    for screen in SCREENS:
        theirs = screen if role in screen.roles else replace(screen, hidden=True)
        badge = f" ({min(waiting, 99)})" if waiting and screen is HOME else ""
        sections.setdefault(screen.section, []).append(_page(theirs, badge))
    return sections


def link(key: str, label: str, **query: str) -> None:
    """A link to a screen that stays in this session: `link("customer", "TechCorp", id="cus_42")`.

    Nothing is drawn for a screen that does not exist: stored links may be of an older version.
    """
    if not has(key):
        return
    st.page_link(_page(_screen(key)), label=label, query_params=query or None)


def go(key: str, **query: str) -> NoReturn:
    """Leave for another screen at once."""
    st.switch_page(_page(_screen(key)), query_params=query or None)


def address(key: str, **query: str) -> str:
    """The screen's address for link columns: `/customer?id=cus_42`. Opens a new session."""
    path = "/" if key == HOME.key else f"/{key}"
    return f"{path}?{urlencode(query)}" if query else path


def has(key: str) -> bool:
    """Whether there is a screen of this key; keys in stored links may be of an older version."""
    return any(screen.key == key for screen in SCREENS)


def _screen(key: str) -> Screen:
    return next(screen for screen in SCREENS if screen.key == key)


def _page(screen: Screen, badge: str = "") -> Any:
    """A copy of one made before: making one asks the disk, and a run needs thirty. Streamlit notes in each that it
    runs, so it cannot be shared."""
    in_a_run = get_script_run_ctx(suppress_warning=True) is not None  # else it would be half a page
    return copy(_kept(screen, badge)) if in_a_run else _made(screen, badge)


@lru_cache(maxsize=256)
def _kept(screen: Screen, badge: str) -> Any:
    return _made(screen, badge)


def _made(screen: Screen, badge: str) -> Any:
    home = screen is HOME
    return st.Page(
        screen.file,
        title=screen.title + badge,
        icon=screen.icon,
        url_path=None if home else screen.key,
        default=home,
        visibility="hidden" if screen.hidden else "visible",
    )
