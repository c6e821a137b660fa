"""What can be set in the preview of an export of campaigns or tickets: which campaign, times, columns."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from components import attendance_columns, state, zone_picker
from components.loaders import UploadView

PAGE = "upload"


def is_mail(view: UploadView) -> bool:
    return view.summary.get("purpose") == "mail"


def is_tickets(view: UploadView) -> bool:
    return view.summary.get("purpose") == "tickets"


def adjust(view: UploadView, zone: str, name: str) -> dict[str, Any] | None:
    """Changed choices, once applied. `name`: part of the widgets' keys; `zone`: what is assumed."""
    if view.summary.get("totals"):
        st.info(
            "The file has totals without times. What was opened or clicked by privacy services and mail "
            "scanners is among them, so they count as unknown, not as people.",
            icon=":material/help:",
        )
    if view.summary.get("asks_campaign") and (said := _campaign(view, name)):
        return {"only_event": said}
    with st.expander("Time zone and columns"):
        chosen = zone_picker.zone_picker(view.choices.zone or zone, name)
        if chosen:
            return {"zone": chosen}
        order = attendance_columns.order_picker(view, name)
        if order is not None:
            return {"day_first": order}
        attendance_columns.sample(view)
        return attendance_columns.column_form(view, view.summary["fields"], name)


def _campaign(view: UploadView, name: str) -> dict[str, str] | None:
    """Its name and day, where the file tells neither."""
    now = view.summary["campaign"]
    with st.form(state.key(PAGE, f"campaign.{name}")):
        st.caption(
            "The file does not say which campaign it is of. A later file under the same name adds to it."
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            called = st.text_input(
                "Campaign", now["name"], max_chars=200, key=state.key(PAGE, f"called.{name}")
            )
            day = st.date_input(
                "Sent on",
                date.fromisoformat(now["date"]),
                key=state.key(PAGE, f"sent.{name}"),
                width=160,
            )
            applied = st.form_submit_button("Apply")
    called = (called or "").strip()
    return {"name": called, "date": day.isoformat()} if applied and called else None
