"""The row of figures above a board."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components.phone import strip

WIDTH = 128
"""Pixels: six in a row beside the menu, two on a phone."""


def figure_row(
    shown: int, total: int, average: float | None, bands: Mapping[str, tuple[str, int]]
) -> None:
    """bands: band -> its words and how many customers stand there."""
    scored = sum(count for _, count in bands.values())
    with strip("board-figures"):
        figure("Customers", f"{shown:,}", "all" if shown == total else f"of {total:,}")
        figure("Average score", "–" if average is None else f"{average:.0f}", "of 100")
        for words, count in bands.values():
            figure(words, f"{count:,}", f"{count / scored:.0%}" if scored else "–")


def figure(label: str, value: str, below: str) -> None:
    """One of them, with what it is measured by below it, which never reads as a change."""
    st.metric(label, value, below, delta_color="off", delta_arrow="off", border=True, width=WIDTH)
