"""Links to the plain pages outside the dashboard, in the same tab: Streamlit's own open another one."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import streamlit as st


def plain_page_link(label: str, path: str, *, back_to: str | None = None) -> None:
    """A link to a page such as `/signin`; `back_to` is where the visitor comes back to."""
    joint = "&" if "?" in path else "?"
    address = f"{path}{joint}next={quote(back_to, safe='')}" if back_to else path
    st.html(
        f'<a href="{escape(address)}" target="_self" style="color: inherit">{escape(label)}</a>'
    )
