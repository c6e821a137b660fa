"""A customer's timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import navigation, state
from components.loaders import Entry
from components.moments import reader_zone
from components.text import day, moment, plain

PAGE = "customer"
STEP = 30
ICONS = {
    "event": ":material/event:",
    "mail": ":material/outgoing_mail:",
    "reply": ":material/reply:",
    "task": ":material/task_alt:",
    "note": ":material/sticky_note_2:",
    "signal": ":material/notification_important:",
    "ticket": ":material/support_agent:",
    "upload": ":material/upload_file:",
    "edit": ":material/edit:",
    "date": ":material/flag:",
}
_NOT_AT_FIRST = ("upload", "withdrawn")


def kinds(offered: Mapping[str, str]) -> tuple[str, ...]:
    """What to show; nothing chosen means everything. Files are left out at first, as their events say more,
    and what was taken back."""
    chosen = st.pills(
        "Show",
        list(offered),
        selection_mode="multi",
        default=[kind for kind in offered if kind not in _NOT_AT_FIRST],
        format_func=lambda one: offered[one],
        key=state.key(PAGE, "kinds"),
        bind="query-params",
        label_visibility="collapsed",
    )
    return tuple(chosen)


def length() -> int:
    """How many entries are wanted by now."""
    return int(state.get(PAGE, "length", STEP))


def entries(found: Sequence[Entry]) -> None:
    if not found:
        st.caption("Nothing yet. Events appear here as soon as an attendance file is counted.")
    for entry in found:
        when = day(entry.at.date()) if entry.whole_day else moment(entry.at, reader_zone())
        title, detail = (
            f"**{plain(entry.title)}**",
            f" · {plain(entry.detail)}" if entry.detail else "",
        )
        if entry.withdrawn_at:
            title, when = (
                f"~~{title}~~",
                f"{when} · taken back {moment(entry.withdrawn_at, reader_zone())}",
            )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"{ICONS[entry.kind]} {title}  \n{plain(when)}{detail}",
                width="stretch",
            )
            if entry.screen:
                navigation.link(entry.screen, "Open", **dict(entry.query))
    if len(found) >= length() and st.button("Show older", key=state.key(PAGE, "older")):
        state.put(PAGE, "length", length() + STEP)
        st.rerun()
