"""Attendance entered by hand: the event, and what each person did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from components import state
from components.loaders import AttendanceDeed, Choice, NewEvent
from components.text import plain, plural

PAGE = "record_attendance"
ONLY_THESE = "Only the customers entered here"
EVERYBODY = "All customers"
BY_SEGMENT = "Customers of some segments"
Find = Callable[[str], Sequence[Choice]]


def event_choice(
    find: Find, types: Mapping[str, str], today: date, segments: Callable[[], Sequence[str]]
) -> str | NewEvent | None:
    """The public id of an event on record, or a new one as typed; None while it is not settled."""
    how = st.segmented_control(
        "Event",
        ["On record", "New"],
        default="On record",
        required=True,
        key=state.key(PAGE, "how"),
        label_visibility="collapsed",
    )
    return _new_event(types, today, segments()) if how == "New" else _known_event(find)


def _known_event(find: Find) -> str | None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        words = st.text_input(
            "Find an event", key=state.key(PAGE, "event_words"), max_chars=100, width=240
        )
        found = {one.id: one for one in find(words)}
        asked = st.query_params.get("event")
        ids = list(found)
        return st.selectbox(
            "Event",
            ids,
            index=ids.index(asked) if asked in found else None,
            format_func=lambda one: (
                f"{found[one].name}, {found[one].about}" if one in found else one
            ),
            placeholder="Choose" if found else "No event of this name",
            key=state.key(PAGE, "event"),
            width=420,
        )


def _new_event(types: Mapping[str, str], today: date, segments: Sequence[str]) -> NewEvent | None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        name = st.text_input("Name", key=state.key(PAGE, "name"), max_chars=300, width=320)
        day = st.date_input("Day", today, key=state.key(PAGE, "day"), width=150)
        kind = st.selectbox(
            "Type",
            list(types),
            format_func=lambda one: types[one],
            key=state.key(PAGE, "type"),
            width=180,
        )
        topic = st.text_input("Topic", key=state.key(PAGE, "topic"), max_chars=200, width=200)
        minutes = _number("Minutes planned", "planned")
    whom, named = _open_to(segments)
    if not name.strip():
        return None
    chosen = tuple(named) if whom == BY_SEGMENT else ()
    return NewEvent(name, day, kind, topic, minutes, everybody=whom == EVERYBODY, segments=chosen)


def _open_to(segments: Sequence[str]) -> tuple[str, list[str]]:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        whom = st.selectbox(
            "Open to",
            [ONLY_THESE, EVERYBODY, *([BY_SEGMENT] if segments else [])],
            key=state.key(PAGE, "open_to"),
            help="Customers an event was open to and who did not come have missed it.",
            width=320,
        )
        if whom != BY_SEGMENT:
            return str(whom), []
        return BY_SEGMENT, st.multiselect(
            "Segments", segments, key=state.key(PAGE, "segments"), width=320
        )


def deeds_form(
    chosen: Sequence[dict[str, Any]], statuses: Mapping[str, str], *, ready: bool
) -> list[AttendanceDeed] | None:
    """A line for each person; what they did, once it is to be recorded."""
    typed = []
    with st.form(state.key(PAGE, "deeds")):
        for number, one in enumerate(chosen):
            company = f" · {plain(one['company'])}" if one.get("company") else ""
            st.markdown(f"**{plain(one['name'] or one.get('email') or '')}**{company}")
            typed.append(_deed(f"{number}.{one['stakeholder'] or one['name']}", one, statuses))
        label = f"Record {plural(len(chosen), 'person', 'people')}"
        pressed = st.form_submit_button(label, type="primary", disabled=not ready)
    return typed if pressed else None


def _deed(key: str, one: Mapping[str, Any], statuses: Mapping[str, str]) -> AttendanceDeed:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        status = st.selectbox(
            "Status",
            list(statuses),
            format_func=lambda word: statuses[word],
            key=state.key(PAGE, f"{key}.status"),
            width=210,
        )
        counts = {
            name: _number(label, f"{key}.{name}")
            for name, label in (
                ("minutes", "Minutes"),
                ("questions", "Questions"),
                ("polls", "Polls"),
                ("downloads", "Downloads"),
            )
        }
        spoke = st.checkbox("Spoke", key=state.key(PAGE, f"{key}.spoke"))
    given = {k: one.get(k) or "" for k in ("name", "email")}
    person = {"stakeholder": one["stakeholder"], "customer": one.get("customer"), **given}
    return AttendanceDeed(status=status, spoke=spoke, **counts, **person)


def _number(label: str, key: str) -> int | None:
    """Empty is not known, which is not none."""
    return st.number_input(
        label, 0, 100_000, None, step=1, key=state.key(PAGE, key), placeholder="–", width=110
    )
