"""The frame of every page: the guard, the head, the messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components import identity, loaders, navigation, state
from components.loaders import Viewer
from components.moments import reader_zone
from components.text import day, moment, plain


def page(title: str, subtitle: str | None = None, *, head: bool = True) -> Viewer:
    """The first statement of each page: who looks, may they, and the page's head.

    `title` is the screen's title in `components.navigation`; a screen that is not listed there, or not
    for this role, is not drawn. With `head=False` the page calls `layout.heading` itself, once it knows
    what it is about.
    """
    viewer = identity.reader()
    screen = navigation.screen_titled(title)
    if screen is None or viewer.role not in screen.roles:
        whose = " and ".join(f"{role}s" for role in screen.roles) if screen else "others"
        st.warning(
            f"This page is for {whose}, and not part of your role. Choose another one from the menu."
        )
        st.stop()
    if loaders.demo_mode():
        st.info(
            "Demo: invented companies and people. Nothing here is real.", icon=":material/science:"
        )
    if head:
        heading(title, subtitle)
    show_messages()
    return viewer


def heading(
    title: str, subtitle: str | None = None, *, as_of: date | datetime | None = None
) -> None:
    """The page's head. Both texts are shown as they are, so they may come from outside.

    `as_of` is the day or moment for which the figures hold.
    """
    st.title(plain(title), anchor=False)
    said = [plain(subtitle)] if subtitle else []
    if as_of:
        said.append(plain(f"As of {_when(as_of)}"))
    if said:
        st.caption(" · ".join(said))


def empty(text: str, *, hint: str | None = None) -> None:
    """What a list without rows shows: what would be here, and how to get it here."""
    with st.container(border=True):
        st.markdown(f"**{plain(text)}**")
        if hint:
            st.caption(plain(hint))


def line(words: str) -> DeltaGenerator:
    """A row of a list with room for buttons at its end; `words` are Markdown. Use it with `with`."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="small", border=True)
    row.markdown(words, width="stretch")
    return row


def show_messages(flashes: Sequence[state.Flash] | None = None) -> None:
    """What earlier actions had to say: these, else all that is for the top of the page."""
    for flash in state.take_flashes() if flashes is None else flashes:
        text = plain(flash.text)
        if flash.kind == "error":
            st.error(text, icon=":material/error:")
        elif flash.kind == "note":
            st.info(text, icon=":material/info:")
        else:
            st.success(text, icon=":material/check_circle:")


def _when(value: date | datetime) -> str:
    return moment(value, reader_zone()) if isinstance(value, datetime) else day(value)
