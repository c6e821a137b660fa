"""Follow-ups that are late: how the promises were kept, what is overdue and why, and letting one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import polars as pl
import streamlit as st

from components import selection, state
from components.figures import WIDTH
from components.moments import moment_column
from components.text import plain, plural

PAGE = "events"
_SHOWN = {
    "customer": "Customer", "broken": "Not kept", "event": "Event", "csm": "CSM",
    "detected_at": "Detected", "reason": "Why",
}  # fmt: skip


class Promise(Protocol):
    """How often one promise was kept."""

    @property
    def promise(self) -> str: ...
    @property
    def kept(self) -> int: ...
    @property
    def late(self) -> int: ...
    @property
    def overdue(self) -> int: ...
    @property
    def running(self) -> int: ...


def clocks(promises: Sequence[Promise]) -> None:
    """One figure per promise: kept, of those whose time is over."""
    with st.container(horizontal=True, gap="small"):
        for one in promises:
            over = one.kept + one.late + one.overdue
            below = f"{one.kept:,} of {over:,}" if over else "none is due yet"
            st.metric(
                one.promise.capitalize(),
                f"{one.kept / over:.0%}" if over else "–",
                below,
                delta_color="off",
                delta_arrow="off",
                border=True,
                width=WIDTH + 60,
                help=f"{one.late:,} late, {one.overdue:,} overdue, {one.running:,} still in time.",
            )


def include_late() -> bool:
    return st.toggle("Also what was done late", key=state.key(PAGE, "late"), bind="query-params")


def table(rows: pl.DataFrame) -> int | None:
    """The list; the id of the row that was clicked."""
    st.caption(f"{plural(rows.height, 'follow-up')}. Click one to open its drafts or let it go.")
    data: Any = rows.select(pl.col(name).alias(label) for name, label in _SHOWN.items())
    picked = selection.table(
        data,
        rows["id"].to_list(),
        PAGE,
        "late_table",
        column_config={
            "Why": st.column_config.TextColumn(width="large"),
            "Detected": moment_column(),
        },
    )
    return picked.clicked


def let_go(row: dict[str, Any]) -> str | None:
    """A form for the reason; the reason once it is given."""
    with st.form(state.key(PAGE, f"let_go.{row['id']}"), border=True):
        st.markdown(f"**{plain(row['customer'])}** · {plain(row['event'])}")
        st.caption(plain(row["reason"]))
        why = st.text_input(
            "Why is it let go?",
            max_chars=300,
            key=state.key(PAGE, f"why.{row['id']}"),
            placeholder="Such as: spoke to them by phone",
        )
        if st.form_submit_button("Let it go", icon=":material/do_not_disturb_on:"):
            return why
    return None
