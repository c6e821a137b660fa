"""The same rows as Excel and as CSV; made only when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from components import state


def download_buttons(page: str, stem: str, make: Callable[..., bytes]) -> None:
    """`make(form="xlsx")` gives the file's bytes; `stem` is its name without an ending."""
    with st.container(horizontal=True, gap="small"):
        for form, label in (("xlsx", "Excel"), ("csv", "CSV")):
            st.download_button(
                f"Download {label}",
                partial(make, form=form),
                file_name=f"{stem}.{form}",
                on_click="ignore",
                key=state.key(page, f"download.{form}"),
                icon=":material/download:",
            )
