"""Which of its views a page shows: the address names it, so that a link leads to what its sender saw."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from components import state


def one_view(page: str, names: Collection[str], default: str | None = None) -> str:
    """The view chosen; `default` (else the first) at first, and where an address names none of them."""
    offered = list(names)
    first = default or offered[0]
    chosen = st.segmented_control(
        "View",
        offered,
        default=first,
        required=True,
        key=state.key(page, "view"),
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen or first


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
