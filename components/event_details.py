"""The form for what no platform tells of an event: sessions, takeaways, resources, cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from components import event_opened, state
from components.event_list import type_words
from components.event_opened import OPEN_TO, PAGE, PARTS, RESOURCES, WHOLE
from components.text import plain

_PART_COLUMNS: dict[str, Any] = {
    "id": None,
    "Title": st.column_config.TextColumn(required=True, max_chars=300),
    "Topics": st.column_config.ListColumn(),
    "Takeaways": st.column_config.ListColumn(width="large"),
}
_RESOURCE_COLUMNS: dict[str, Any] = {
    "Title": st.column_config.TextColumn(required=True, max_chars=300),
    "Address": st.column_config.LinkColumn(required=True, validate="^https?://.+"),
    "Topics": st.column_config.ListColumn(),
}


def details(
    event: Any, types: Sequence[str], merged: Callable[..., Any]
) -> dict[str, Any] | None:  # fmt: skip
    """The form; what was entered, once it is saved: type, topic, cost, parts and resources as dicts, and
    `seen` of the event that it was opened over. See event_opened.

    `merged` brings what was opened, what was entered and what is on record now together.
    """
    if event.refusal:
        st.info(plain(event.refusal))
        return None
    event_opened.bring_together(event, merged)
    opened = event_opened.opened(event)
    shown, seen = opened["shown"], opened["base"]["seen"]
    if opened["told"]:
        event_opened.differences(event.id, opened["told"])
    elif seen != event.seen:
        st.warning(
            "Somebody has changed these details since you opened them. Save shows theirs beside yours; what "
            "you enter stays."
        )
    name = f"{event.id}.{opened['round']}"
    with st.form(state.key(PAGE, f"details.{event.id}"), border=False):
        plain_ones = _plain_fields(shown, types, name)
        st.markdown("**Sessions and what to take away from them**")
        st.caption("The mails quote the takeaways of the sessions that each person was in.")
        parts = _edited(f"parts.{name}", shown["parts"], PARTS, _PART_COLUMNS)
        st.markdown("**Resources to pass on**")
        titles = [WHOLE, *shown["sessions"]]
        columns = _RESOURCE_COLUMNS | {
            "Session": st.column_config.SelectboxColumn(options=titles, default=WHOLE)
        }
        resources = _edited(f"resources.{name}", shown["resources"], RESOURCES, columns)
        if not st.form_submit_button("Save", type="primary"):
            return None
    return {
        **plain_ones,
        "parts": parts,
        "resources": resources,
        "seen": seen,
        "sessions": shown["sessions"],
    }


def _plain_fields(shown: Mapping[str, Any], types: Sequence[str], name: str) -> dict[str, Any]:
    with st.container(horizontal=True, gap="small"):
        kind = st.selectbox(
            "Type",
            list(types),
            index=types.index(shown["type"]) if shown["type"] in types else 0,
            format_func=type_words,
            width=180,
            key=state.key(PAGE, f"type.{name}"),
        )
        topic = st.text_input(
            "Topic", shown["topic"], max_chars=200, width=240, key=state.key(PAGE, f"topic.{name}")
        )
        cost = st.number_input(
            "Cost",
            min_value=0.0,
            value=None if shown["cost"] is None else float(shown["cost"]),
            step=100.0,
            width=160,
            help="All that holding it cost, for the analysis of what events are worth.",
            key=state.key(PAGE, f"cost.{name}"),
        )
        whom = st.selectbox(
            "Open to",
            OPEN_TO,
            index=int(shown["private"]),
            width=320,
            help="A customer it was open to and who did not come has missed it. Scores follow at night.",
            key=state.key(PAGE, f"private.{name}"),
        )
    return {
        "type": kind,
        "topic": topic,
        "cost": None if cost is None else Decimal(str(cost)),
        "private": whom == OPEN_TO[1],
    }


def _edited(
    name: str, rows: Sequence[Mapping[str, Any]], schema: Any, columns: Mapping[str, Any]
) -> list[dict[str, Any]]:
    data: Any = pl.DataFrame([dict(row) for row in rows], schema=schema)
    edited: Any = st.data_editor(
        data,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        key=state.key(PAGE, name),
        column_config=dict(columns),
    )
    return pl.DataFrame(edited).to_dicts() if len(edited) else []
