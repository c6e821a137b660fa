"""The choices above a board. Each stands in the address, so a link shows what its sender saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from components import state
from components.narrowing import choice
from components.text import day, plain

PAGE = "engagement"


@dataclass(frozen=True)
class Chosen:
    """None means all of them."""

    segment: str | None
    csm_id: int | None
    band: str | None
    trend: str | None
    search: str


@dataclass(frozen=True)
class Choices:
    """What there is to choose from: value -> words."""

    segments: Mapping[str, str]
    csms: Mapping[int, str]
    bands: Mapping[str, str]
    trends: Mapping[str, str]


def day_picker(shown: date, today: date, earliest: date | None) -> date:
    """The day the board is shown for; `shown` unless somebody chose another."""
    picked = st.date_input(
        "As of",
        shown,
        min_value=min(earliest or shown, shown),
        max_value=today,
        key=state.key(PAGE, "day"),
        bind="query-params",
        format="DD/MM/YYYY",
        width=138,
        help="The board as of the end of this day. Type one and press Enter, or choose it.",
    )
    return picked or shown


def day_note(chosen: date, usual: date, today: date, last_event: date | None) -> None:
    """Which day is shown when it is not today's, and why; `usual`: shown when nobody chose one."""
    if chosen != usual:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.info(
                f"This is the board of **{plain(day(chosen))}**, with what was known that day.",
                icon=":material/history:",
            )
            st.button(
                f"Back to {day(usual)}",
                key=state.key(PAGE, "back"),
                on_click=state.put,
                args=(PAGE, "day", usual),
            )
    elif usual != today:
        st.info(
            f"The last event on record was on {plain(day(last_event))}, so the board is shown "
            "as of that day. Choose another day to look at it from there.",
            icon=":material/history:",
        )


def filter_bar(choices: Choices) -> Chosen:
    return Chosen(
        search=st.text_input(
            "Customer",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Part of the name",
            max_chars=100,
            width=150,
        ),
        segment=choice(PAGE, "segment", "Segment", choices.segments, 118),
        csm_id=choice(PAGE, "csm", "CSM", choices.csms, 118),
        band=choice(PAGE, "band", "Band", choices.bands, 118),
        trend=choice(PAGE, "trend", "Trend", choices.trends, 118),
    )


def sort_picker(orders: Mapping[str, str]) -> str:
    return st.selectbox(
        "Sort by",
        list(orders),
        format_func=lambda order: orders[order],
        key=state.key(PAGE, "sort"),
        bind="query-params",
        label_visibility="collapsed",
        width=190,
    )
