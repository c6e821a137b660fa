"""Ticket: one of them, why it has its level, and its follow-up."""

from __future__ import annotations

import streamlit as st

from components import (
    actions,
    layout,
    loaders,
    navigation,
    ticket_follow_up,
    ticket_level,
    ticket_related,
)
from components import ticket_one as one
from components.moments import reader_zone
from components.text import plain
from components.views import one_view
from services.errors import NotFound
from services.ids import public_id, read_id
from services.tickets.clusters import put_together, set_apart
from services.tickets.follow_up.command import follow_up, leave
from services.tickets.levels import override
from services.tickets.one_ticket import get_ticket

viewer = layout.page("Ticket", head=False)
zone = reader_zone()

try:
    number = read_id("ticket", st.query_params.get("id", ""))
    found = loaders.fresh(get_ticket, viewer, number)
except NotFound as error:
    layout.heading("Ticket")
    st.warning(plain(error.message) if "id" in st.query_params else "No ticket is chosen.")
    navigation.link("tickets", "Choose a ticket")
    st.stop()


def followed() -> None:
    pressed = ticket_follow_up.follow_up(found, zone)
    if pressed.draft:
        draft = actions.attempt(follow_up, number, stakeholder_id=pressed.reader)
        if draft is not None:
            navigation.go("draft", id=public_id("draft", draft))
        st.rerun()
    if pressed.leave is not None:
        actions.run(leave, number, pressed.leave, done="Nothing is sent about it.")


def weighed() -> None:
    chosen = ticket_level.level(found, zone)
    if chosen is not None:
        actions.run(override, number, chosen.level, chosen.why, done="Set, with your reason.")


def near() -> None:
    pressed = ticket_related.related(found)
    if pressed.together is not None:
        actions.run(put_together, number, pressed.together, done="They have one root cause now.")
    if pressed.apart:
        actions.run(set_apart, number, done="It has a root cause of its own now.")
    if pressed.open is not None:
        navigation.go("one_ticket", id=public_id("ticket", pressed.open))


def words() -> None:
    one.messages(found, zone)


def past() -> None:
    one.history(found, zone)


VIEWS = {
    "Follow-up": followed,
    "Level": weighed,
    "Messages": words,
    "History": past,
    "Related": near,
}
navigation.link("tickets", "All tickets")
layout.heading(one.title(found.row), one.subtitle(found, zone))
one.figures(found)
with st.expander("What it was about", expanded=True):
    one.about(found)
view = one_view("ticket", VIEWS, "Follow-up")
VIEWS[view]()
