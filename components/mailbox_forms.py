"""Forms of the Mailboxes page: connecting Gmail, the signature, the company's server and folder."""

from __future__ import annotations

import streamlit as st

from components import layout, state
from components.mailbox_list import PAGE
from components.plain_pages import plain_page_link

_BACK = "/mailboxes"
_SAID = {
    "connected": ("Connected: your mails now leave from your own Gmail.", "done"),
    "declined": ("Nothing was connected: you said no at Google. You can start again.", "note"),
}


def welcome_back() -> None:
    """Say once how the trip to Google went."""
    said = st.query_params.get("google")
    if said is not None:
        del st.query_params["google"]
        if said in _SAID:
            text, kind = _SAID[said]
            state.flash(text, kind="done" if kind == "done" else "note")
            layout.show_messages()


def connect_gmail(*, possible: bool, again: bool) -> None:
    """The way to Google, or why there is none."""
    if not possible:
        layout.empty(
            "Your mails leave from the company's mailbox.",
            hint="To send from your own Gmail, ask whoever runs the app to set up Google.",
        )
        return
    words = "Connect again" if again else "Connect my Gmail"
    plain_page_link(words, "/connect/google", back_to=_BACK)
    plain_page_link(f"{words}, with my calendar", "/connect/google?calendar=1", back_to=_BACK)
    if not again:
        st.caption(
            "Google asks whether the app may write drafts, send them, and read mail: it reads to find "
            "answers and bounces to what it has sent. Nothing leaves without an approval."
        )


def signature_form(text: str) -> str | None:
    """The text to save, when it was sent off."""
    with st.form(state.key(PAGE, "signature_form")):
        typed = st.text_area(
            "Lines under your mails",
            text,
            key=state.key(PAGE, "signature"),
            placeholder="Ana Lopez\nCustomer Success Manager\n+43 1 234 567 (direct)",
            max_chars=1_000,
        )
        return typed if st.form_submit_button("Save signature") else None


def folder_form(folder: str) -> str | None:
    """Where mail is written as files, when it was sent off."""
    with st.form(state.key(PAGE, "folder_form")):
        typed = st.text_input(
            "Folder for .eml files",
            folder,
            key=state.key(PAGE, "folder"),
            help="A name beside the app's data, or a whole path that exists. Empty: the usual one.",
        )
        return typed if st.form_submit_button("Save folder") else None
