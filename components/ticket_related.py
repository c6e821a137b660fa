"""The tickets near one: of its root cause and of its time, and what puts a wrong cause right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components import layout, state
from components.loaders.tickets import TicketRow, TicketView
from components.text import plain
from components.ticket_one import PAGE, title
from components.ticket_table import table


@dataclass(frozen=True)
class Near:
    """What was pressed: a ticket to `open`, one to put `together` with this one, or `apart` for this one."""

    open: int | None = None
    together: int | None = None
    apart: bool = False


def related(found: TicketView) -> Near:
    """Tickets of the same root cause and of the time around it, with what puts a wrong cause right."""
    clicked, together, apart = None, None, False
    if found.related:
        st.markdown(f"**{plain(f'Same root cause ({found.cluster_words})')}**")
        clicked = table(found.related, PAGE, "cause")
        apart = st.button(
            "This one has a cause of its own",
            icon=":material/call_split:",
            help="One mail goes out for one root cause. What waits to be written is begun anew.",
            key=state.key(PAGE, "apart"),
        )
    if found.siblings:
        st.markdown("**Other tickets of the customer at the time**")
        clicked = table(found.siblings, PAGE, "near") or clicked
        together = _together(found.siblings)
    if not (found.related or found.siblings):
        layout.empty("No other ticket of this customer at the time.")
    return Near(clicked, together, apart)


def _together(rows: Sequence[TicketRow]) -> int | None:
    names = {row.id: title(row) for row in rows}
    with st.form(state.key(PAGE, "together"), border=False):
        chosen = st.selectbox(
            "Same root cause as",
            list(names),
            index=None,
            format_func=lambda number: names[number],
            key=state.key(PAGE, "together_with"),
        )
        pressed = st.form_submit_button("Put together", icon=":material/merge:")
    return chosen if pressed else None
