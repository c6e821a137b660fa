"""One person who takes our mail well: what to say to them, and where that begins."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import navigation, state
from components.campaign_insight import PAGE
from components.loaders import public_id
from components.loaders.campaigns import Recommendation
from components.text import plain


def chosen(row: Recommendation, contacted: Callable[[int], None]) -> bool:
    """What to say to one of them; whether they are to be written to. `contacted` is called with the recipient before
    the page runs again: by then a colleague may have said so."""
    with st.container(border=True):
        st.markdown(f"**{plain(row.name)}** · {plain(row.customer)}")
        st.caption(plain(row.reason))
        for point in row.talking_points:
            st.markdown(f"- {plain(point)}")
        with st.container(horizontal=True, gap="small"):
            navigation.link("customer", "Customer", id=public_id("customer", row.customer_id))
            if row.stakeholder_id is None:
                st.caption("Add them to the customer's stakeholders to write to them.")
                return False
            mark = row.recipient_id
            if st.button(
                "Write to them", key=state.key(PAGE, f"write.{mark}"), icon=":material/edit:"
            ):
                return True
            if row.contacted:
                st.caption("Somebody was in contact with them lately.")
            else:
                st.button(
                    "We were in contact", key=state.key(PAGE, f"spoke.{mark}"),
                    icon=":material/call:", on_click=contacted, args=(mark,),
                )  # fmt: skip
    return False
