"""Signing out in every browser, and what that leaves."""

from __future__ import annotations

import streamlit as st

from components import state

PAGE = "settings"


def sign_out_form() -> bool | None:
    """Whether one's API tokens are to end too, once it is pressed."""
    with st.form(state.key(PAGE, "sign_out"), border=False):
        st.caption(
            "This ends your session in every browser. Your API tokens are no browsers and go on, unless you "
            "revoke them too: they are listed below."
        )
        tokens = st.checkbox("Revoke my API tokens too", key=state.key(PAGE, "out_tokens"))
        sent = st.form_submit_button("Sign out everywhere", icon=":material/logout:")
    return tokens if sent else None
