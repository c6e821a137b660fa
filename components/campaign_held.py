"""Unsubscribes that only a scanner seems to have pressed, for a person to say what they are."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import state
from components.loaders.campaigns import HeldUnsubscribe
from components.moments import reader_zone
from components.text import moment, plain, plural

SHOWN = 20


def held(rows: Sequence[HeldUnsubscribe], page: str) -> tuple[HeldUnsubscribe, bool] | None:
    """The one that was decided, and whether the person did leave. Nothing is drawn without any."""
    if not rows:
        return None
    zone = reader_zone()
    with st.expander(f"{plural(len(rows), 'unsubscribe')} in question", icon=":material/help:"):
        st.caption(
            "The link was followed together with others, or at once after delivery, as programs do. Until "
            "somebody says that a person meant it, they are still written to."
        )
        for row in rows[:SHOWN]:
            with st.container(border=True):
                st.markdown(f"**{plain(row.email)}** · {plain(row.customer)}")
                st.caption(f"{plain(row.campaign)}, {plain(moment(row.at, zone))}")
                with st.container(horizontal=True, gap="small"):
                    if st.button("They did leave", key=state.key(page, f"left.{row.mail_id}")):
                        return row, True
                    if st.button("It was a scanner", key=state.key(page, f"stay.{row.mail_id}")):
                        return row, False
        if len(rows) > SHOWN:
            st.caption(f"And {len(rows) - SHOWN} more.")
    return None
