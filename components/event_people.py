"""Who came to an event and who did not, and what became of each follow-up."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import layout, selection, state
from components.text import plural

PAGE = "event"
_HIDDEN = ("customer_id", "stakeholder_id", "draft_id")
_CLOCK = {
    "customer": "Customer", "no_show": "Nobody came", "people": "People", "detected_at": "Detected",
    "notified_at": "Told", "drafted_at": "Drafted", "approved_at": "Approved", "sent_at": "Sent",
    "replied_at": "Answered", "broken": "Not kept", "reason": "Why", "waived_why": "Let go because",
}  # fmt: skip
MOST = 5_000


def people(rows: pl.DataFrame, labels: dict[str, str]) -> tuple[int | None, int | None]:
    """The table; customer and draft of the row that was clicked."""
    options = rows["presence"].unique().sort().to_list()
    chosen: list[str] = []
    if len(options) > 1:
        chosen = st.pills(
            "Show", options, selection_mode="multi", key=state.key(PAGE, "presence"),
            label_visibility="collapsed",
        )  # fmt: skip
    found = rows.filter(pl.col("presence").is_in(chosen)) if chosen else rows
    said = (
        f"{plural(found.height, 'person', 'people')}. Click one to open the draft or the customer."
    )
    if found.height > MOST:
        said += f" The first {MOST:,} are shown; the download has all."
    st.caption(said)
    found = found.head(MOST)
    shown = found.drop(*_HIDDEN).rename(labels)
    empty = [name for name in shown.columns if shown[name].null_count() == shown.height]
    empty += [] if shown["Spoke"].any() else ["Spoke"]
    data: Any = shown.drop(empty)
    picked = selection.table(
        data,
        list(found.select("customer_id", "draft_id").iter_rows()),
        PAGE,
        "people",
        column_config={"Minutes": st.column_config.NumberColumn(format="%.0f")},
    )
    return picked.clicked or (None, None)


def clock(rows: pl.DataFrame) -> None:
    """When each customer's follow-up was detected, told, drafted, approved, sent and answered."""
    if rows.is_empty():
        layout.empty(
            "Nobody is to be followed up.",
            hint="Customers who were registered are listed here once the event is over and was uploaded.",
        )
        return
    data: Any = rows.select(pl.col(name).alias(label) for name, label in _CLOCK.items())
    moment = st.column_config.DatetimeColumn(format="D MMM, HH:mm")
    names = ("Detected", "Told", "Drafted", "Approved", "Sent", "Answered")
    st.dataframe(
        data,
        hide_index=True,
        width="stretch",
        key=state.key(PAGE, "clock"),
        column_config=dict.fromkeys(names, moment),
    )
