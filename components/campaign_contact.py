"""One person who takes our mail well: what to say to them, and where that begins."""

from __future__ import annotations

import streamlit as st

from components import navigation, state
from components.campaign_insight import PAGE
from components.loaders import public_id
from components.loaders.campaigns import Recommendation
from components.text import plain


def chosen(row: Recommendation) -> str | None:
    """What to say to one of them; "write" or "contacted" when that was pressed."""
    with st.container(border=True):
        st.markdown(f"**{plain(row.name)}** · {plain(row.customer)}")
        st.caption(plain(row.reason))
        for point in row.talking_points:
            st.markdown(f"- {plain(point)}")
        with st.container(horizontal=True, gap="small"):
            navigation.link("customer", "Customer", id=public_id("customer", row.customer_id))
            if row.stakeholder_id is None:
                st.caption("Add them to the customer's stakeholders to write to them.")
                return None
            mark = row.recipient_id
            if st.button(
                "Write to them", key=state.key(PAGE, f"write.{mark}"), icon=":material/edit:"
            ):
                return "write"
            if row.contacted:
                st.caption("Somebody was in contact with them lately.")
            elif st.button(
                "We were in contact", key=state.key(PAGE, f"spoke.{mark}"), icon=":material/call:"
            ):
                return "contacted"
    return None
