"""Choices that narrow what a page shows. Each stands in the address, so that a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components import state

PERIODS = {90: "90 days", 180: "180 days", 365: "A year", 730: "Two years"}
_USUAL = 365


def choice(
    page: str,
    name: str,
    label: str,
    options: Mapping[Any, str] | Sequence[str],
    width: int = 150,
) -> Any:
    """One of `options`, which are values with their words or words alone; None means all."""
    words = options if isinstance(options, Mapping) else {}
    return st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda one: str(words.get(one, one)),
        key=state.key(page, name),
        bind="query-params",
        placeholder="All",
        width=width,
    )


def period(page: str, label: str) -> int:
    """In days."""
    return st.selectbox(
        label,
        list(PERIODS),
        index=list(PERIODS).index(_USUAL),
        format_func=lambda one: PERIODS[one],
        key=state.key(page, "days"),
        bind="query-params",
        width=150,
    )
