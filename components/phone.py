"""Rows that would fill screens of a phone before what the page is about begins."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

NARROW = 640
"""Pixels up to which a window counts as a phone's."""


def strip(key: str) -> DeltaGenerator:
    """A row that wraps where there is room; on a phone it is one line that is swiped sideways."""
    st.html(
        f"<style>@media (max-width: {NARROW}px) {{"
        f".st-key-{key} {{ flex-wrap: nowrap; overflow-x: auto; }}"
        f".st-key-{key} > * {{ flex-shrink: 0; }} }}</style>"
    )
    return st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=key)


def only(key: str) -> DeltaGenerator:
    """What a phone shows in place of something too wide for it; hidden on wider screens."""
    st.html(
        f"<style>@media (min-width: {NARROW + 1}px) {{ .st-key-{key} {{ display: none; }} }}</style>"
    )
    return st.container(key=key)
