"""In which zone the times of a file are read that names none."""

from __future__ import annotations

import streamlit as st

from components import state
from components.event_editor import zones
from components.text import plain

PAGE = "upload"
WHOSE = {
    "installation": ", as set for this installation,",
    "person": ", the zone of whoever uploaded it,",
    "": "",
}
"""Whose zone is supposed of a file that names none."""


def zone_question(supposed: str, whose: str, name: str) -> str | None:
    """As `zone_picker`, where the file tells hours and names no zone: says in which they are read, and why."""
    place = supposed.replace("_", " ")
    st.info(
        plain(
            f"Times are read as {place}{WHOSE[whose]} because the file names no zone. Where is it from?"
        ),
        icon=":material/schedule:",
    )
    return zone_picker(supposed, name)


def zone_picker(current: str, name: str) -> str | None:
    """Another zone for times that name none, when the person has just chosen it."""
    offered = sorted({*zones(), current})
    chosen = st.selectbox(
        "Times in this file are in",
        offered,
        index=offered.index(current),
        key=state.key(PAGE, f"zone.{name}"),
        help="For files that do not say their time zone. Events can differ: see their table.",
        width=320,
    )
    return chosen if chosen != current else None
