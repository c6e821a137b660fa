"""The row of figures above a board."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.text import plural


def figure_row(
    shown: int, total: int, average: float | None, bands: Mapping[str, tuple[str, int]]
) -> None:
    """bands: band -> its words and how many customers stand there."""
    scored = sum(count for _, count in bands.values())
    with st.container(horizontal=True, gap="small"):
        st.metric(
            "Customers",
            f"{shown:,}",
            None if shown == total else f"of {total:,}",
            delta_color="off",
            delta_arrow="off",
            border=True,
            width=150,
        )
        st.metric(
            "Average score", "–" if average is None else f"{average:.0f}", border=True, width=150
        )
        for words, count in bands.values():
            share = f"{count / scored:.0%}" if scored else "–"
            st.metric(
                words,
                f"{count:,}",
                share,
                delta_color="off",
                delta_arrow="off",
                border=True,
                width=150,
                help=f"{plural(count, 'customer')}, {share} of those with a score",
            )
