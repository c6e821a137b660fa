"""One step of the way in, ticked when it is done."""

from __future__ import annotations

import streamlit as st

from components.text import plain


def step(number: int, title: str, *, done: bool) -> None:
    mark = ":green[:material/check_circle:]" if done else ":gray[:material/radio_button_unchecked:]"
    st.markdown(f"{mark} **{number}. {plain(title)}**{' (done)' if done else ''}")
