"""The list of drafts: the table, its pages, and approving what has been looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from components import selection, state
from components.draft_filters import PAGE, SENDING, SEVERITIES, kind_words
from components.loaders import DraftPage, Filters
from components.moments import moment_column
from components.text import plural


def table(found: DraftPage, *, key: str = PAGE) -> int | None:
    """The rows; the id of the draft that was clicked."""
    shown = pl.DataFrame(
        [
            {
                "To": row.recipient,
                "Customer": row.customer,
                "Subject": row.subject,
                "Opened": "✓" if row.seen else "",
                "Severity": SEVERITIES[row.severity],
                "Kind": kind_words(row.kind),
                "Owner": row.owner or "Nobody",
                "Not before": row.not_before,
                "Sending": SENDING.get(row.sending or "", ""),
                "Made": row.created_at,
            }
            for row in found.rows
        ],
        schema_overrides={"Not before": pl.Datetime("us", "UTC")},
        infer_schema_length=None,
    )
    if not any(row.sending for row in found.rows):
        shown = shown.drop("Sending")
    if not any(row.not_before for row in found.rows):
        shown = shown.drop("Not before")
    data: Any = shown
    moment = moment_column()
    picked = selection.table(
        data,
        [row.id for row in found.rows],
        key,
        "table",
        column_config={
            "Subject": st.column_config.TextColumn(width="large"),
            "Opened": st.column_config.TextColumn(width="small"),
            "Not before": moment,
            "Made": moment,
        },
    )
    return picked.clicked


def place(wanted: Filters) -> str | None:
    """Where the page begins that is being read; the first one when the filters have changed."""
    if state.get(PAGE, "places.of") != wanted:
        state.put(PAGE, "places.of", wanted)
        state.put(PAGE, "places", [])
    places = state.get(PAGE, "places", [])
    return places[-1] if places else None


def pager(found: DraftPage, total: int) -> None:
    """Older and newer pages. Pages are told by where they begin, so nothing is skipped or shown twice
    when drafts are settled meanwhile."""
    places: list[str] = state.get(PAGE, "places", [])
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(plural(total, "draft") + ". Click one to open it.")
        if places:
            _turn("Back", "back", "chevron_left", places[:-1])
        if found.after:
            _turn("More", "more", "chevron_right", [*places, found.after])


def _turn(words: str, name: str, icon: str, places: list[str]) -> None:
    # Before the run, which then reads no page that is left again.
    st.button(
        words,
        key=state.key(PAGE, name),
        icon=f":material/{icon}:",
        on_click=state.put,
        args=(PAGE, "places", places),
    )


def approve_seen(count: int, left: int) -> bool:
    """Whether to approve everything that has been looked at."""
    if not count:
        return False
    with st.popover(f"Approve the {count:,} you have looked at", icon=":material/done_all:"):
        st.write(
            f"{plural(count, 'draft')} that you opened in the present form will be approved, as far as "
            f"nothing speaks against sending. {left:,} not opened yet stay as they are."
        )
        return st.button(
            f"Approve {plural(count, 'draft')}", type="primary", key=state.key(PAGE, "many")
        )


def say_many(approved: int, second: int, left: Sequence[tuple[int, str]]) -> None:
    """What came of approving many, for the next page head."""
    said = [f"{plural(approved, 'draft')} approved."] if approved else []
    if second:
        said.append(f"{second:,} wait for a second person.")
    if said:
        state.flash(" ".join(said))
    if left:
        reasons = Counter(why for _, why in left)
        told = " ".join(f"{count:,}: {why}" for why, count in reasons.most_common(3))
        state.flash(f"{plural(len(left), 'draft')} left as they are. {told}", kind="note")
