"""Which column of a file holds what, and how its dates are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from components import state
from components.loaders import UploadView

PAGE = "upload"
ORDERS = {True: "3 April 2026", False: "March 4, 2026"}
"""Whether days come first, as one example."""
FIRST = {
    "attendance": ("email", "name", "company", "event", "event_type", "date", "status", "minutes"),
    "mail": ("email", "campaign_name", "event", "at", "url", "opens", "clicks", "unsubscribed"),
    "tickets": (
        "number",
        "subject",
        "state",
        "opened_at",
        "solved_at",
        "email",
        "organisation",
        "severity",
    ),
}
"""What most files of a purpose have; the others wait behind a click."""
NEEDED = {
    "attendance": "At least an e-mail address or a name; without an event or date column you name the event below.",
    "mail": "At least an e-mail address, and what happened when: a column that says it, links that were followed, "
    "or how often a mail was opened and clicked.",
    "tickets": "At least the number of the ticket.",
}


def column_form(view: UploadView, fields: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """The `mapping` and `remember_mapping` chosen, once confirmed. `fields`: field -> its words."""
    purpose = view.summary.get("purpose", "attendance")
    st.caption(NEEDED[purpose])
    usual = FIRST[purpose]
    with st.form(state.key(PAGE, f"columns.{name}")):
        first = {field: words for field, words in fields.items() if field in usual}
        picked = _pickers(view, first, name)
        with st.expander("More columns"):
            others = {field: words for field, words in fields.items() if field not in usual}
            picked |= _pickers(view, others, name)
        remember = st.checkbox(
            "Remember this for files with the same columns",
            value=True,
            key=state.key(PAGE, f"remember.{name}"),
        )
        # Where the columns are known already, the step's main button is Import.
        kind: Literal["primary", "secondary"] = "primary" if view.needs_mapping else "secondary"
        if st.form_submit_button("Use these columns", type=kind):
            return {"mapping": picked, "remember_mapping": remember}
    return None


def _pickers(view: UploadView, fields: Mapping[str, str], name: str) -> dict[str, str]:
    # Several columns read together are one choice, such as "First Name + Last Name".
    joined = [columns for columns in view.mapping.values() if columns not in view.columns]
    offered = [*view.columns, *joined]
    examples = _examples(view)
    picked: dict[str, str] = {}
    with st.container(horizontal=True, gap="small"):
        for field, words in fields.items():
            now = view.mapping.get(field)
            choice = st.selectbox(
                words,
                offered,
                index=offered.index(now) if now in offered else None,
                format_func=lambda column: str(examples.get(column, column)),
                placeholder="Not in the file",
                key=state.key(PAGE, f"column.{name}.{field}"),
                width=240,
            )
            if choice:
                picked[field] = choice
    return picked


def _examples(view: UploadView) -> dict[str, str]:
    """A column as offered: its heading and the first thing that stands below it."""
    found = {}
    for place, column in enumerate(view.columns):
        cells = [row[place] for row in view.sample if place < len(row) and row[place]]
        found[column] = f"{column} ({cells[0][:24]})" if cells else column
    return found


def sample(view: UploadView) -> None:
    """The first lines of the file, as they are."""
    if view.sample:
        columns: dict[str, Sequence[str]] = {
            column: [row[place] if place < len(row) else "" for row in view.sample]
            for place, column in enumerate(view.columns)
        }
        st.dataframe(columns, hide_index=True, width="stretch")


def day_order(view: UploadView, name: str) -> bool | None:
    """Whether days come first, when the person has just said so."""
    guess = view.summary.get("day_first")
    with st.container(border=True):
        st.markdown(
            ":orange[:material/calendar_month:] **Nothing in the file tells days from months.** "
            "What does 03/04/2026 mean?"
        )
        with st.container(horizontal=True, gap="small"):
            for first, label in ORDERS.items():
                key = state.key(PAGE, f"order.{name}.{first}")
                if st.button(f"{label} (shown now)" if first is guess else label, key=key):
                    return first
    return None


def order_picker(view: UploadView, name: str) -> bool | None:
    """Whether days come first, when the person has just said that it is not as the file was read."""
    current = view.summary.get("day_first")
    if current is None:
        return None
    chosen = st.segmented_control(
        "03/04/2026 in this file means",
        list(ORDERS.values()),
        default=ORDERS[current],
        key=state.key(PAGE, f"order.{name}"),
    )
    return None if chosen in (None, ORDERS[current]) else not current
