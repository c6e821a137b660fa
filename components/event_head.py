"""The top of an event's page: its figures, and following it up by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from components import state
from components.event_list import type_words
from components.figures import figure
from components.text import day, money, plural

PAGE = "event"


def subtitle(event: Any) -> str:
    """Type, day and topic."""
    parts = (type_words(event.type), day(event.held_on), event.topic or "")
    return " · ".join(part for part in parts if part)


def figures(event: Any, people: pl.DataFrame, follow_ups: Any) -> None:
    """Who came, and how far the follow-up is."""
    came = people.filter(presence="Came")
    missing = people.filter(presence="Did not come")
    with st.container(horizontal=True, gap="small"):
        figure("Came", f"{came.height:,}", plural(came["customer_id"].n_unique(), "customer"))
        figure("Did not come", f"{missing.height:,}", "registered")
        if event.everybody != came.height:
            figure("Attendees in all", f"{event.everybody:,}", "everybody")
        figure("To follow up", f"{follow_ups.all:,}", "customers")
        figure("Sent", f"{follow_ups.sent:,}", f"of {follow_ups.all:,}")
        figure("Answered", f"{follow_ups.replied:,}", f"of {follow_ups.sent:,}")
        if event.cost is not None:
            figure("Cost", money(event.cost), "as entered")


def create_now(event: Any, *, old: bool, unread: int) -> str | None:
    """What was pressed: `create` or `renew`."""
    if not event.over:
        return None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if old:
            with st.popover("Create follow-ups now", icon=":material/forward_to_inbox:"):
                st.warning(
                    "This event is more than 14 days old, so nobody was told of it. Drafts are made for "
                    "everybody of your customers who was registered, and CSMs are notified. "
                    "Nothing is sent before it is approved.",
                    icon=":material/history:",
                )
                if st.button("Create them", type="primary", key=state.key(PAGE, "create")):
                    return "create"
        elif st.button(
            "Create follow-ups now",
            icon=":material/forward_to_inbox:",
            key=state.key(PAGE, "create"),
            help="They are made by themselves within minutes of an upload; this does not wait for it.",
        ):
            return "create"
        if unread and st.button(
            f"Make {plural(unread, 'unread draft')} anew",
            icon=":material/refresh:",
            key=state.key(PAGE, "renew"),
            help="With the sessions, takeaways and resources as they are now. Drafts that somebody "
            "opened or edited stay as they are.",
        ):
            return "renew"
    return None
