"""One's own password."""

from __future__ import annotations

import streamlit as st

from components import state

PAGE = "settings"


def password_form() -> tuple[str, str] | None:
    """The present password and the new one, once both are sent."""
    with (
        st.expander("Change your password", icon=":material/password:"),
        st.form(state.key(PAGE, "password"), border=False, clear_on_submit=True),
    ):
        current = st.text_input(
            "Your password now", type="password", key=state.key(PAGE, "current"),
            autocomplete="current-password", max_chars=512,
        )  # fmt: skip
        new = st.text_input(
            "The new one", type="password", key=state.key(PAGE, "new_password"),
            autocomplete="new-password", max_chars=512, help="12 characters or more.",
        )  # fmt: skip
        sent = st.form_submit_button("Change it and sign out everywhere")
    return (current, new) if sent else None
