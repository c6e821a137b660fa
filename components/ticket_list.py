"""The list of tickets: its filters, its pages, and the way to one by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import state
from components.loaders.tickets import (
    FOLLOW_UP_WORDS,
    LEVEL_WORDS,
    PAGE_ROWS,
    SEVERITY_WORDS,
    STATE_WORDS,
    TicketFilters,
)
from components.narrowing import choice
from components.text import plain, plural
from components.ticket_table import desk

PAGE = "tickets"
STATES = {"unsolved": "Not solved", "over": "Solved or closed", **STATE_WORDS}
MINE, OVERRIDDEN, UNMATCHED = "My customers", "Level overridden", "Of nobody known"


def asked_for() -> str | None:
    """What was typed to follow up on a ticket, once sent."""
    form = st.form(state.key(PAGE, "ask"), border=False, clear_on_submit=True)
    with form, st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        words = st.text_input(
            "Follow up on",
            key=state.key(PAGE, "asked"),
            placeholder="Ticket number, or: Follow up with Northwind on ticket NW-2041",
            max_chars=200,
            width=460,
        )
        sent = st.form_submit_button("Find the ticket", icon=":material/reply:")
    return (words or "").strip() or None if sent else None


def filters(desks: Sequence[str], customer_id: int | None) -> TicketFilters:
    """The choices above the list, kept in the address. `customer_id`: the one of the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Number, subject or customer",
            max_chars=100,
            width=210,
        )
        standing = choice(PAGE, "state", "State", STATES)
        severity = choice(PAGE, "severity", "Severity", SEVERITY_WORDS)
        with st.popover("More filters", icon=":material/filter_list:"):
            level = choice(PAGE, "level", "Level", LEVEL_WORDS)
            follow_up = choice(PAGE, "follow_up", "Follow-up", FOLLOW_UP_WORDS)
            where = choice(PAGE, "desk", "Desk", {one: desk(one) for one in desks})
            only = choice(PAGE, "only", "Only", (MINE, OVERRIDDEN, UNMATCHED))
    _folded(
        {
            "level": LEVEL_WORDS.get(level),
            "follow-up": FOLLOW_UP_WORDS.get(follow_up),
            "desk": desk(where) if where else None,
            "only": only,
        }
    )
    return TicketFilters(
        search=(search or "").strip(),
        customer_id=customer_id,
        mine=only == MINE,
        overridden=only == OVERRIDDEN,
        unmatched=only == UNMATCHED,
        state=standing,
        severity=severity,
        level=level,
        follow_up=follow_up,
        desk=where,
    )


def _folded(chosen: Mapping[str, str | None]) -> None:
    """What is chosen where it is not seen, such as by an address."""
    told = [f"{name}: {words}" for name, words in chosen.items() if words]
    if told:
        st.caption(plain(f"More filters: {', '.join(told)}."))


def place(total: int) -> int:
    """The offset of the page being read."""
    st.caption(f"{plural(total, 'ticket')}. Click one to see why it has its level.")
    pages = -(-total // PAGE_ROWS)
    if pages < 2:
        return 0
    return (st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1) * PAGE_ROWS
