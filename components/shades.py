"""Words in the colour of what is chosen, where the theme's one colour for it cannot be read."""

from __future__ import annotations

import streamlit as st

_CHOSEN = (
    "[data-testid=stTab]:is([data-selected], [data-hovered], [data-focus-visible])",
    "[data-testid=stButtonGroup] [data-selected]:not([data-disabled])",
    "[data-testid=stSliderThumbValue]",
    "[data-testid=stBaseButton-tertiary]:is(:hover, :focus-visible, :active)",
)
"""What Streamlit writes in `primaryColor`, which is also the ground of buttons with white words."""


_FOCUS = "a:focus-visible { outline: 2px solid currentColor !important; outline-offset: 1px; border-radius: 4px; }"
"""Streamlit shows the focus of a link by a shade that can hardly be told from its ground."""
_HINT = "[data-testid=stBaseButton-primary] kbd { color: inherit; opacity: 1 !important; }"
"""The key of a button, which is faint on its ground otherwise."""


def style() -> None:
    """In the dark, no colour keeps a contrast of 4.5 both as a ground to white words and as words on the
    page, so what is chosen has the colour of links."""
    words = ""
    if st.context.theme.type == "dark":
        colour = st.get_option("theme.dark.linkColor")
        words = f"{', '.join(_CHOSEN)} {{ color: {colour} !important; }}"
    st.html(f"<style>@media screen {{ {_HINT} {_FOCUS} {words} }}</style>")
