"""The send queue: its filters and the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.loaders import QueueFilters, QueueRow
from components.text import moment, near, plain, plural
from components.views import counted_views

PAGE = "send_queue"
GROUPS = {
    "Waiting": "waiting",
    "Needs you": "stuck",
    "Sent": "sent",
    "Cancelled": "cancelled",
}
STATES = {
    "queued": "Waiting",
    "claimed": "Leaving now",
    "wire": "Leaving now",
    "sent": "Sent",
    "unknown": "Being looked up",
    "review": "Nobody knows",
    "failed": "Failed",
    "blocked": "Blocked",
    "cancelled": "Cancelled",
}
WIDTHS = {"State": 95, "When": 140, "Subject": 190, "To": 150, "Why": 250}
"""Pixels: side by side on a screen of 1280; what is longer goes on in a second line."""
LINES = 66
"""Pixels; Streamlit breaks lines in rows higher than four times the letter size only."""
NOTHING = {
    "waiting": ("Nothing waits to be sent.", "Mail gets here when somebody approves a draft."),
    "stuck": ("Nothing needs you.", "Mail that failed, was blocked or may be lost shows up here."),
    "sent": ("Nothing has been sent yet.", "Approve a draft, and it leaves from here."),
    "cancelled": ("Nothing was cancelled.", "Mail taken back before it left shows up here."),
}


def filters(
    counts: Mapping[str, int], mailboxes: Mapping[int, str], customer_id: int | None
) -> QueueFilters:
    """The choices above the list, kept in the address."""
    view = counted_views(PAGE, {name: counts[group] for name, group in GROUPS.items()})
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Subject, customer or recipient",
            max_chars=100,
            width=240,
        )
        mailbox = st.selectbox(
            "Mailbox",
            list(mailboxes),
            index=None,
            format_func=lambda one: mailboxes.get(one, ""),
            key=state.key(PAGE, "mailbox"),
            bind="query-params",
            placeholder="All",
            width=240,
        )
    return QueueFilters(GROUPS[view], mailbox, customer_id, (search or "").strip())


def nothing(wanted: QueueFilters) -> tuple[str, str]:
    """What an empty list says."""
    if wanted.search or wanted.mailbox_id or wanted.customer_id:
        return "No message fits these filters.", "Clear the search to see all of them."
    return NOTHING[wanted.group]


def why(row: QueueRow, zone: str, now: datetime) -> str:
    """Why it is where it is, and until when; empty when there is nothing to say."""
    said = row.paused or row.reason
    if row.until and not row.paused:
        said = f"{said.rstrip('. ')}. Until {moment(row.until, zone)}."
    if said or row.state != "queued":
        return said
    if row.due_at <= now:
        return "It is due, and leaves when its turn comes."
    return "Approved. Until it leaves it can be taken back." if row.draft_id is not None else ""


def table(rows: Sequence[QueueRow], zone: str, now: datetime) -> int | None:
    """The messages; the id of the one that was clicked. `zone`: the reader's."""
    shown = pl.DataFrame(
        {
            "State": [STATES[row.state] for row in rows],
            "When": [near(row.sent_at or row.due_at, zone, now) for row in rows],
            "Subject": [row.subject for row in rows],
            "To": [row.recipient for row in rows],
            "Why": [why(row, zone, now) or "–" for row in rows],
            "Customer": [row.customer for row in rows],
            "Mailbox": [row.mailbox for row in rows],
        }
    )
    data: Any = shown
    picked = selection.table(
        data,
        [row.id for row in rows],
        PAGE,
        "table",
        row_height=LINES,
        column_config={name: st.column_config.TextColumn(width=w) for name, w in WIDTHS.items()},
    )
    return picked.clicked


def place(total: int, size: int, zone: str) -> int:
    """The offset of the page being read."""
    st.caption(
        plain(f"{plural(total, 'message')}. Click one to see what happened to it. Times in {zone}.")
    )
    pages = -(-total // size)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * size
