"""Long work as it goes, with a way to stop it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import state
from components.loaders import Progress
from components.text import plain

EVERY = 1.5
"""Seconds between two looks, only while something runs and the page is open."""
STEP = 0.02


def watch(
    read: Callable[[], Progress], cancel: Callable[[], None], finish: Callable[[Progress], object]
) -> None:
    """Draw the bar until the work is done; then `finish`, and the page runs again."""

    @st.fragment(run_every=EVERY)
    def draw() -> None:
        found = read()
        if found.done:
            finish(found)
            st.rerun()
        st.progress(min(max(found.share, 0.0), 1.0), text=f"{plain(found.words)} …")
        st.button(
            "Cancel", on_click=cancel, icon=":material/close:", key=state.key("upload", "cancel")
        )

    draw()
    st.caption(
        "You may leave this page: the work goes on, and the list of uploads leads back here."
    )


def told() -> Callable[[str, float], None]:
    """A bar for work that this run of the page waits for: to be called with words and a share as it goes on."""
    bar, shown = st.progress(0.0), [-STEP]

    def tell(words: str, share: float) -> None:
        if share - shown[0] >= STEP:
            shown[0] = share
            bar.progress(min(max(share, 0.0), 1.0), text=f"{plain(words)} …")

    return tell
