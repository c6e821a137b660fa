"""The form for what no platform tells of an event: sessions, takeaways, resources, cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.event_list import type_words
from components.text import plain

PAGE = "event"
WHOLE = "The whole event"
OPEN_TO = ("All customers of its segments and regions", "Only customers that were asked or there")
_PARTS = {"id": pl.Int64, "Title": pl.String, "Speaker": pl.String, "Topics": pl.List(pl.String),
          "Takeaways": pl.List(pl.String)}  # fmt: skip
_RESOURCES = {"Title": pl.String, "Address": pl.String, "Session": pl.String,
              "Topics": pl.List(pl.String)}  # fmt: skip


def details(event: Any, types: Sequence[str]) -> dict[str, Any] | None:
    """The form; what was entered, once it is saved: type, topic, cost, parts and resources as dicts, and
    `seen` of the event that it was opened over. See `close`."""
    if event.refusal:
        st.info(plain(event.refusal))
        return None
    seen = state.get(PAGE, _opened(event.id)) or event.seen
    state.put(PAGE, _opened(event.id), seen)
    if seen != event.seen:
        _changed_meanwhile(event.id)
    with st.form(state.key(PAGE, f"details.{event.id}"), border=False):
        with st.container(horizontal=True, gap="small"):
            kind = st.selectbox(
                "Type",
                list(types),
                index=types.index(event.type) if event.type in types else 0,
                format_func=type_words,
                width=180,
            )
            topic = st.text_input("Topic", event.topic or "", max_chars=200, width=240)
            cost = st.number_input(
                "Cost",
                min_value=0.0,
                value=None if event.cost is None else float(event.cost),
                step=100.0,
                width=160,
                help="All that holding it cost, for the analysis of what events are worth.",
            )
            whom = st.selectbox(
                "Open to",
                OPEN_TO,
                index=int(event.private),
                width=320,
                help="A customer it was open to and who did not come has missed it. Scores follow at night.",
            )
        st.markdown("**Sessions and what to take away from them**")
        st.caption("The mails quote the takeaways of the sessions that each person was in.")
        parts = _edited(
            f"parts.{seen}",
            pl.DataFrame(
                [
                    (part.id, part.title, part.speaker, list(part.topics), list(part.takeaways))
                    for part in event.parts
                ],
                schema=_PARTS,
                orient="row",
            ),
            {
                "id": None,
                "Title": st.column_config.TextColumn(required=True, max_chars=300),
                "Topics": st.column_config.ListColumn(),
                "Takeaways": st.column_config.ListColumn(width="large"),
            },
        )
        st.markdown("**Resources to pass on**")
        titles = {part.id: part.title for part in event.parts}
        resources = _edited(
            f"resources.{seen}",
            pl.DataFrame(
                [
                    (one.title, one.url, titles.get(one.session_id or 0, WHOLE), list(one.topics))
                    for one in event.resources
                ],
                schema=_RESOURCES,
                orient="row",
            ),
            {
                "Title": st.column_config.TextColumn(required=True, max_chars=300),
                "Address": st.column_config.LinkColumn(required=True, validate="^https?://.+"),
                "Session": st.column_config.SelectboxColumn(
                    options=[WHOLE, *dict.fromkeys(titles.values())], default=WHOLE
                ),
                "Topics": st.column_config.ListColumn(),
            },
        )
        if not st.form_submit_button("Save", type="primary"):
            return None
    return {
        "type": kind,
        "topic": topic,
        "cost": None if cost is None else Decimal(str(cost)),
        "private": whom == OPEN_TO[1],
        "parts": parts,
        "resources": resources,
        "seen": seen,
        "sessions": {title: number for number, title in titles.items()},
    }


def close(event_id: int) -> None:
    """Forget what was entered: the form opens with what is on record."""
    state.drop(PAGE, _opened(event_id))


def _opened(event_id: int) -> str:
    return f"opened.{event_id}"


def _changed_meanwhile(event_id: int) -> None:
    st.warning("Somebody has changed these details since you opened them. Yours cannot be saved.")
    st.button("Show theirs", on_click=close, args=(event_id,), key=state.key(PAGE, "theirs"))


def _edited(name: str, frame: pl.DataFrame, columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    data: Any = frame
    edited: Any = st.data_editor(
        data,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        key=state.key(PAGE, name),
        column_config=dict(columns),
    )
    return pl.DataFrame(edited).to_dicts() if len(edited) else []
