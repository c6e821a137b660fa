"""A mail as its reader will see it."""

from __future__ import annotations

import streamlit as st

from components import state

FORMS = ("Mail", "On a phone", "Text only")
PHONE = 390
"""Pixels across."""


def mail_preview(page: str, name: str, *, subject: str, text: str, safe_html: str) -> None:
    """Subject and body with a choice of forms.

    `safe_html` is what `services.rendering.safe_preview` made; nothing else may be given here. `name` tells
    two previews on one page apart.
    """
    form = st.segmented_control(
        "Show as",
        FORMS,
        default=FORMS[0],
        key=state.key(page, f"{name}.form"),
        label_visibility="collapsed",
        required=True,
    )
    phone = form == "On a phone"
    with st.container(border=True, width=PHONE if phone else "stretch", key=f"{page}-{name}"):
        st.caption("Subject")
        st.text(subject)
        st.divider()
        if form == "Text only":
            st.text(text)
        else:
            st.html(safe_html)
