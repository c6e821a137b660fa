"""The list of tickets: its filters, the table, and the way to one by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.loaders.tickets import (
    FOLLOW_UP_WORDS,
    LEVEL_WORDS,
    PAGE_ROWS,
    SEVERITY_WORDS,
    STATE_WORDS,
    TicketFilters,
    TicketRow,
)
from components.text import plural

PAGE = "tickets"
STATES = {"unsolved": "Not solved", "over": "Solved or closed", **STATE_WORDS}
DESKS = {
    "zendesk": "Zendesk",
    "intercom": "Intercom",
    "freshdesk": "Freshdesk",
    "jira": "Jira",
    "hubspot_tickets": "HubSpot",
    "salesforce": "Salesforce",
    "api": "API",
    "file": "File",
}
SENTIMENTS = {"unknown": "Unknown", "calm": "Calm", "negative": "Negative", "angry": "Angry"}
CSAT = {"good": "Good", "bad": "Bad", "offered": "Asked"}
MINE, OVERRIDDEN, UNMATCHED = "My customers", "Level overridden", "Of nobody known"


def desk(name: str) -> str:
    """`zendesk:3` is the third account's: Zendesk (3)."""
    vendor, _, account = name.partition(":")
    words = DESKS.get(vendor, vendor.capitalize())
    return f"{words} ({account})" if account else words


def asked_for() -> str | None:
    """What was typed to follow up on a ticket, once sent."""
    form = st.form(state.key(PAGE, "ask"), border=False, clear_on_submit=True)
    with form, st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        words = st.text_input(
            "Follow up on",
            key=state.key(PAGE, "asked"),
            placeholder="Ticket number, or: Follow up with Northwind on ticket NW-2041",
            max_chars=200,
            width=460,
        )
        sent = st.form_submit_button("Find the ticket", icon=":material/reply:")
    return (words or "").strip() or None if sent else None


def filters(desks: Sequence[str], customer_id: int | None) -> TicketFilters:
    """The choices above the list, kept in the address. `customer_id`: the one of the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Number, subject or customer",
            max_chars=100,
            width=210,
        )
        standing = _choose("State", "state", STATES)
        severity = _choose("Severity", "severity", SEVERITY_WORDS)
        level = _choose("Level", "level", LEVEL_WORDS)
        follow_up = _choose("Follow-up", "follow_up", FOLLOW_UP_WORDS)
        where = _choose("Desk", "desk", {one: desk(one) for one in desks})
        only = _choose("Only", "only", {one: one for one in (MINE, OVERRIDDEN, UNMATCHED)})
    return TicketFilters(
        search=(search or "").strip(),
        customer_id=customer_id,
        mine=only == MINE,
        overridden=only == OVERRIDDEN,
        unmatched=only == UNMATCHED,
        state=standing,
        severity=severity,
        level=level,
        follow_up=follow_up,
        desk=where,
    )


def _choose(label: str, name: str, options: Mapping[str, str]) -> str | None:
    return st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda one: str(options.get(one, one)),
        key=state.key(PAGE, name),
        bind="query-params",
        placeholder="All",
        width=150,
    )


def place(total: int) -> int:
    """The offset of the page being read."""
    st.caption(f"{plural(total, 'ticket')}. Click one to see why it has its level.")
    pages = -(-total // PAGE_ROWS)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * PAGE_ROWS


def table(rows: Sequence[TicketRow], *, key: str) -> int | None:
    """The tickets; the id of the one that was clicked."""
    data: Any = pl.DataFrame([_line(row) for row in rows], schema=_SHOWN, orient="row")
    moment = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
    picked = st.dataframe(
        data,
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="single-cell",
        key=key,
        column_config={
            "Ticket": st.column_config.TextColumn(pinned=True),
            "Subject": st.column_config.TextColumn(width="large"),
            "Points": st.column_config.NumberColumn(help="0–3, 4–7, or 8 and more"),
            "Opened": moment,
            "Solved": moment,
            "Last change": moment,
            "Open for": st.column_config.NumberColumn(format="%.0f h"),
        },
    )
    cells = picked["selection"]["cells"][:1]
    return next((rows[place].id for place, _ in cells if place < len(rows)), None)


_MOMENT = pl.Datetime("us", "UTC")
_SHOWN: dict[str, Any] = {
    "Ticket": pl.String,
    "Subject": pl.String,
    "Customer": pl.String,
    "State": pl.String,
    "Severity": pl.String,
    "Level": pl.String,
    "Points": pl.Int64,
    "Follow-up": pl.String,
    "Satisfaction": pl.String,
    "Tone": pl.String,
    "Reopened": pl.Int64,
    "Open for": pl.Float64,
    "Opened": _MOMENT,
    "Solved": _MOMENT,
    "Last change": _MOMENT,
    "Requester": pl.String,
    "Desk": pl.String,
}


def _line(row: TicketRow) -> tuple[Any, ...]:
    level = LEVEL_WORDS.get(row.level or "", "")
    return (
        row.number,
        row.subject,
        row.customer or "Nobody known",
        STATE_WORDS[row.state],
        SEVERITY_WORDS.get(row.severity or "", "Not said"),
        f"{level} (overridden)" if row.overridden and level else level,
        row.points,
        FOLLOW_UP_WORDS[row.follow_up],
        CSAT.get(row.csat or "", ""),
        SENTIMENTS[row.sentiment],
        row.reopens,
        row.hours,
        row.opened_at,
        row.solved_at,
        row.updated_at,
        row.requester or "",
        desk(row.desk),
    )
