"""The list of events: its filters and the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.narrowing import choice
from components.text import plural

PAGE = "events"
ROWS = 50


def filters(types: Sequence[str], states: Mapping[str, str]) -> tuple[str, str | None, str | None]:
    """Search, type and state of the follow-up, kept in the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Name or topic",
            max_chars=100,
            width=220,
        )
        kind = choice(PAGE, "type", "Type", {one: type_words(one) for one in types}, 160)
        followed = choice(PAGE, "state", "Follow-up", states, 240)
    return search or "", kind, followed


def type_words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


def place(total: int) -> int:
    """The offset of the page being read."""
    st.caption(
        f"{plural(total, 'event')}. Click one to see who came and what follows. An event is followed up by "
        "itself within 14 days, an older one at your wish."
    )
    pages = -(-total // ROWS)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * ROWS


def table(rows: pl.DataFrame) -> int | None:
    """What fits beside the menu on a small screen; the id of the event that was clicked."""
    shown = rows.select(
        pl.col("name").alias("Event"),
        pl.Series("Type", map(type_words, rows["type"]), pl.String),
        pl.col("held_on").alias("Held on"),
        pl.col("people").alias("People"),
        pl.col("customers").alias("Customers"),
        pl.col("state_words").alias("Follow-up"),
        pl.col("sent").alias("Sent"),
        pl.col("replied").alias("Answered"),
    )
    data: Any = shown
    picked = selection.table(
        data,
        rows["event_id"].to_list(),
        PAGE,
        "table",
        column_config={
            "Event": st.column_config.TextColumn(pinned=True, width=215),
            "Type": st.column_config.TextColumn(width=90),
            "Held on": st.column_config.DateColumn(format="D MMM YYYY", width=95),
            "People": st.column_config.NumberColumn(width=65),
            "Customers": st.column_config.NumberColumn(width=85),
            "Follow-up": st.column_config.TextColumn(width=150),
            "Sent": st.column_config.NumberColumn(width=55),
            "Answered": st.column_config.NumberColumn(width=80),
        },
    )
    return picked.clicked
