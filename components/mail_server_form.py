"""The company's mail server as an admin types it: sending, and where answers arrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import state
from components.loaders import MailboxRow
from components.mailbox_list import PAGE


def server_form(
    row: MailboxRow | None, encryptions: Mapping[str, str], inbox_encryptions: Mapping[str, str]
) -> dict[str, Any] | None:
    """A mail server to add, or (with `row`) to change; the values when it was sent off."""
    known = row.options if row else {}
    name = f"server.{row.id if row else 'new'}"

    def key(field: str) -> str:
        return state.key(PAGE, f"{name}.{field}")

    with st.form(key("form")):
        address = st.text_input("Mail leaves as", row.address if row else "", key=key("address"))
        display = st.text_input(
            "Name shown when nobody's own name is", row.display_name if row else "", key=key("name")
        )
        host = st.text_input("Mail server", known.get("host", ""), key=key("host"))
        choices = list(encryptions)
        encryption = st.selectbox(
            "Encryption",
            choices,
            index=choices.index(known.get("encryption", choices[0])),
            format_func=lambda one: encryptions[one],
            key=key("encryption"),
        )
        port = st.number_input("Port", 1, 65_535, int(known.get("port", 587)), key=key("port"))
        user = st.text_input("User name", known.get("user", ""), key=key("user"))
        kept = bool(row and known.get("user"))
        password = st.text_input(
            "Password",
            type="password",
            autocomplete="new-password",
            key=key("password"),
            placeholder="Leave empty to keep the one there is" if kept else "",
        )
        authority = st.text_area(
            "Certificate of your own authority (PEM), where the server needs it",
            key=key("authority"),
            height=80,
        )
        inbox = _inbox_fields(known.get("imap", {}), inbox_encryptions, name)
        if not st.form_submit_button("Save server" if row else "Add server"):
            return None
    return {
        "address": address,
        "display_name": display,
        "host": host,
        "encryption": encryption,
        "port": int(port),
        "user": user,
        "password": password,
        "authority": authority,
        **inbox,
    }


def _inbox_fields(
    known: Mapping[str, Any], encryptions: Mapping[str, str], name: str
) -> dict[str, Any]:
    """Where answers are read; same user and password as for sending."""

    def key(field: str) -> str:
        return state.key(PAGE, f"{name}.inbox_{field}")

    st.caption(
        "Where answers and bounces arrive (IMAP), with the same user and password. "
        "Leave the server empty to read none."
    )
    host = st.text_input("IMAP server", known.get("host", ""), key=key("host"))
    choices = list(encryptions)
    encryption = st.selectbox(
        "Encryption of IMAP",
        choices,
        index=choices.index(known.get("encryption", choices[0])),
        format_func=lambda one: encryptions[one],
        key=key("encryption"),
    )
    port = st.number_input("Port of IMAP", 1, 65_535, int(known.get("port", 993)), key=key("port"))
    folder = st.text_input("IMAP folder", known.get("folder", "INBOX"), key=key("folder"))
    return {
        "inbox_host": host,
        "inbox_encryption": encryption,
        "inbox_port": int(port),
        "inbox_folder": folder,
    }
