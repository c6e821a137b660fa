"""What can be set in a preview, and what can be decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components import (
    attendance_columns,
    state,
    status_words,
    upload_mail,
    upload_preview,
    zone_picker,
)
from components.event_editor import event_editor
from components.loaders import Staying, UploadView
from components.text import plain, plural

PAGE = "upload"
PURPOSES = {
    "attendance": "Attendance",
    "mail": "Mail campaigns",
    "tickets": "Support tickets",
}


@dataclass(frozen=True)
class Decision:
    """What the person pressed: `step` is commit, undo, preview or discard; `changes` are Choices."""

    step: str | None = None
    changes: Mapping[str, Any] | None = None
    purpose: str | None = None
    """What the file tells of, where that is said anew."""


def preview(
    view: UploadView,
    fields: Mapping[str, str],
    types: Mapping[str, str],
    zone: str,
    staying: Staying | None,
) -> Decision:
    """The preview with everything that can be set. `fields`, `types`: names and their words; `zone`: what
    is assumed for files that name none; `staying`: what the import leaves as it is."""
    if purpose := _tells_of(view):
        return Decision("preview", purpose=purpose)
    if view.needs_mapping:
        changes = _map_columns(view, view.summary.get("fields", fields))
        return Decision("discard" if discard_button(view.id) else None, changes)
    upload_preview.facts(view)
    if staying:
        upload_preview.stays(staying)
    ordered = _ask_day_order(view) or status_words.status_question(view, _name_of(view))
    step = _decide(view)
    if upload_mail.is_mail(view) or upload_mail.is_tickets(view):
        return Decision(step, ordered or upload_mail.adjust(view, zone, _name_of(view)))
    upload_preview.types_table(view.summary)
    return Decision(step, ordered or _adjust(view, fields, types, zone))


def _tells_of(view: UploadView) -> str | None:
    """Another purpose than the file was taken for."""
    now = view.summary.get("purpose", "attendance")
    chosen = st.selectbox(
        "This file tells of",
        list(PURPOSES),
        index=list(PURPOSES).index(now),
        format_func=lambda one: PURPOSES[one],
        key=state.key(PAGE, f"purpose.{_name_of(view)}"),
        width=260,
    )
    return chosen if chosen != now else None


def discard_button(upload_id: int) -> bool:
    key = state.key(PAGE, f"discard.{upload_id}")
    return st.button("Discard", icon=":material/delete:", key=key)


def _name_of(view: UploadView) -> str:
    """Part of widget keys; another one after each step, so that no old choice sticks."""
    return f"{view.id}.{state.get(PAGE, 'turn', 0)}"


def _map_columns(view: UploadView, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """For a table that no platform is known to write: the choices, once confirmed."""
    for warning in view.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    st.info("This table is new to the app. Say which column holds what; then you see the preview.")
    attendance_columns.sample(view)
    return attendance_columns.column_form(view, fields, _name_of(view))


def _ask_day_order(view: UploadView) -> dict[str, Any] | None:
    if not view.dates_ambiguous:
        return None
    first = attendance_columns.day_order(view, _name_of(view))
    return None if first is None else {"day_first": first}


def _decide(view: UploadView) -> str | None:
    """`commit` or `discard`, when pressed. Says what is missing where it cannot be imported yet."""
    counted, missing = view.counted, view.undated
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        wanted = st.button(
            f"Import {plural(counted, 'record')}",
            type="primary",
            icon=":material/check:",
            disabled=not counted or bool(missing) or view.dates_ambiguous,
            key=state.key(PAGE, f"import.{view.id}"),
        )
        unwanted = discard_button(view.id)
    if not counted:
        st.caption(
            "No row can count. The reasons stand below; correct the file and upload it again."
        )
    elif missing:
        st.warning(f"{plural(missing, 'event')} without a date. Fill it in below, then apply.")
    return "commit" if wanted else "discard" if unwanted else None


def _adjust(
    view: UploadView, fields: Mapping[str, str], types: Mapping[str, str], zone: str
) -> dict[str, Any] | None:
    """Changed choices, once applied: events, zone, columns. `zone`: what is assumed without a choice."""
    name = _name_of(view)
    events = event_editor(view.events, types, name) if view.events else None
    if events:
        former = view.choices.events
        return {"events": {**former, **{k: {**former.get(k, {}), **v} for k, v in events.items()}}}
    supposed = view.summary.get("zone_assumed")
    if supposed and (chosen := zone_picker.zone_question(supposed[0], supposed[1], name)):
        return {"zone": chosen}
    with st.expander("Columns" if supposed else "Time zone and columns"):
        if not supposed:
            chosen = zone_picker.zone_picker(view.choices.zone or zone, name)
            if chosen:
                return {"zone": chosen}
        order = attendance_columns.order_picker(view, name)
        if order is not None:
            return {"day_first": order}
        if view.summary.get("format") == "generic":
            attendance_columns.sample(view)
            return attendance_columns.column_form(view, fields, name)
    return None
