"""The choice between lists, each with how many are in it; its address names the list and not the number."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import state


def counted_views(page: str, counts: Mapping[str, int]) -> str:
    """The list chosen, of `counts` (name -> how many); the first one at first.

    Streamlit would put the words shown into the address, number and all: such a link leads elsewhere once
    the number has changed.
    """
    names, asked = list(counts), st.query_params.get(state.key(page, "view"))
    chosen = st.segmented_control(
        "Show",
        names,
        format_func=lambda name: f"{name} ({counts[name]:,})" if counts[name] else name,
        default=asked if asked in names else names[0],
        required=True,
        key=state.key(page, "lists"),
        label_visibility="collapsed",
    )
    view = chosen or names[0]
    if view != names[0]:
        st.query_params[state.key(page, "view")] = view
    elif asked:
        del st.query_params[state.key(page, "view")]
    return view
