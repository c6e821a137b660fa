"""One message of the send queue: where it is, what happened to it, and what can be done about it."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from components import navigation, state
from components.loaders import QueueRow, QueueView, public_id
from components.send_queue import PAGE, STATES, why
from components.text import moment, plain


def message(found: QueueView, zone: str, now: datetime) -> str | None:
    """One message, with its history; the name of the action whose button was pressed, if any."""
    row = found.row
    with st.container(border=True):
        st.markdown(f"**{plain(row.subject)}**")
        st.caption(f"{STATES[row.state]} · to {plain(row.recipient)} · from {plain(row.mailbox)}")
        said = why(row, zone, now)
        if said:
            st.info(plain(said), icon=":material/info:")
        if found.reply:
            st.caption(plain(f"The provider said: {found.reply}"))
        pressed = _buttons(row)
        with st.container(horizontal=True, gap="small"):
            if row.draft_id is not None:
                navigation.link("draft", "The draft", id=public_id("draft", row.draft_id))
            if row.customer_id is not None:
                navigation.link(
                    "customer", "The customer", id=public_id("customer", row.customer_id)
                )
        with st.expander("What happened"):
            for at, to_state, words, person in found.history:
                line = " · ".join(filter(None, (moment(at, zone), STATES[to_state], words, person)))
                st.markdown(plain(line))
    return pressed


def _buttons(row: QueueRow) -> str | None:
    offered = {
        "review": {"It went out": "went_out", "Send it again": "send_again"},
        "failed": {"Try again": "retry", "Cancel": "cancel"},
        "blocked": {"Try again": "retry", "Cancel": "cancel"},
        "queued": {"Cancel": "cancel"},
        "claimed": {"Cancel": "cancel"},
    }.get(row.state, {})
    if row.state == "review":
        st.caption(
            "The answer of the provider was lost. Look among the sent mails, or ask the recipient. "
            "Sent again, it may reach them twice."
        )
    pressed = None
    with st.container(horizontal=True, gap="small"):
        for label, action in offered.items():
            if st.button(label, key=state.key(PAGE, f"{action}.{row.id}")):
                pressed = action
    return pressed
