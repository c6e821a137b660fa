"""Below the menu: who is signed in, the way out, and the demo's person switcher."""

from __future__ import annotations

import streamlit as st

from components import browser_bridge, identity, loaders, state
from components.loaders import Viewer
from components.plain_pages import plain_page_link
from components.text import plain

ROLE_WORDS = {"csm": "CSM", "manager": "Manager", "admin": "Admin"}


def draw(viewer: Viewer) -> None:
    with st.sidebar:
        if loaders.demo_mode():
            _switcher(viewer)
        else:
            st.caption(f"{plain(viewer.name)} · {ROLE_WORDS[viewer.role]}")
            plain_page_link("Sign out", "/signout")
        browser_bridge.one_entry_a_press()


def _switcher(viewer: Viewer) -> None:
    people = {row.id: row for row in loaders.demo_people()}
    chosen = st.selectbox(
        "Look at it as",
        list(people),
        index=list(people).index(viewer.person_id) if viewer.person_id in people else 0,
        format_func=lambda i: f"{people[i].name} ({ROLE_WORDS[people[i].role]})",
        key=state.DEMO_PERSON_KEY,
        help="A demo has no passwords: choose whose portfolio to look at.",
    )
    browser_bridge.cookie(identity.DEMO_COOKIE, str(chosen))
