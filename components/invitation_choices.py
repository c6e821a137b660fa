"""Which event the invitations are for, and how many customers are on its list."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from components import state

PAGE = "invitations"
MOST_DIGITS = 7
"""Of a number in the address; services take no more customers."""


def event_picker(events: Mapping[int, str], chosen: int | None) -> int | None:
    """The event to invite to."""
    options = list(events)
    return st.selectbox(
        "Event",
        options,
        index=options.index(chosen) if chosen is not None and chosen in events else 0,
        format_func=lambda one: events[one],
        key=state.key(PAGE, "event"),
        width=520,
    )


def wanted_size() -> int | None:
    """How long the list is to be, before `size_picker` is drawn; an address may say it."""
    given = st.query_params.get(state.key(PAGE, "size"), "")
    said = int(given) if given.isdecimal() and len(given) < MOST_DIGITS else None
    return state.get(PAGE, "size", said)


def size_picker(suggested: int, most: int) -> int | None:
    """How long the list is to be; None as long as nobody says."""
    return st.number_input(
        "List of",
        min_value=1,
        max_value=max(most, 1),
        value=None,
        placeholder=f"{suggested:,}",
        key=state.key(PAGE, "size"),
        bind="query-params",
        width=150,
        help="A fifth of those it is for, unless you say otherwise. One place in ten is drawn by lot among "
        "all others, and no industry gets more than 40%.",
    )
