"""Tickets as a table, and the words for what desks say of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import selection
from components.loaders.tickets import (
    FOLLOW_UP_WORDS,
    LEVEL_WORDS,
    SEVERITY_WORDS,
    STATE_WORDS,
    TicketRow,
)
from components.moments import moment_column

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


def desk(name: str) -> str:
    """`zendesk:3` is the third account's: Zendesk (3)."""
    vendor, _, account = name.partition(":")
    words = DESKS.get(vendor, vendor.capitalize())
    return f"{words} ({account})" if account else words


def table(rows: Sequence[TicketRow], page: str, name: str = "table") -> int | None:
    """The tickets; the id of the one that was clicked."""
    data: Any = pl.DataFrame([_line(row) for row in rows], schema=_SHOWN, orient="row")
    moment = moment_column()
    picked = selection.table(
        data,
        [row.id for row in rows],
        page,
        name,
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
    return picked.clicked


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
