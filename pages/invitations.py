"""Invitations: whom an event fits and why, and what each of them is written."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    actions,
    invitation_choices,
    invitation_learning,
    invitation_list,
    layout,
    loaders,
    navigation,
    state,
)
from components.downloads import download_buttons
from components.loaders.address import in_address
from components.text import day
from components.views import one_view
from pages.invitation_views import one
from services.errors import AppError
from services.ids import public_id
from services.invitations.inviting import Wishes, invite_many
from services.invitations.learning import learning
from services.invitations.ranking import rank
from services.invitations.ranking.download import download
from services.invitations.recommending import choices

PAGE = "invitations"
VIEWS = ("Invite", "What it came to")
viewer = layout.page(
    "Invitations", "Whom an event fits and why, and a personal invitation for each"
)


def ranked(event_id: int) -> None:
    size = invitation_choices.wanted_size()
    try:
        found = loaders.read(rank, viewer, event_id, size=size)
    except AppError as error:
        layout.empty(error.message)
        return
    if found.rows.is_empty():
        layout.empty(
            "There are no customers to invite yet.", hint="Bring them in on the Customers page."
        )
        return
    invitation_list.figures(found)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        invitation_choices.size_picker(found.size, found.rows.height)
        search = st.text_input(
            "Customer",
            key=state.key(PAGE, "search"),
            bind="query-params",
            placeholder="Part of the name",
            max_chars=100,
            width=180,
        )
    clicked, ticked = invitation_list.table(found, search or "")
    st.caption("Click a cell to see the invitation first; tick rows to invite some only.")
    if clicked is not None:
        st.query_params["customer"] = public_id("customer", clicked)
        st.rerun()
    chosen = invitation_list.draft_button(found, ticked)
    if chosen:
        with st.spinner("Writing to each of them …"):
            made = actions.attempt(invite_many, event_id, list(chosen), wishes=Wishes(size=size))
        if made is not None:
            one.say(made)
        st.rerun()
    invitation_list.fairness(found)
    download_buttons(
        PAGE, "relevant_customers", partial(loaders.fresh, download, viewer, event_id, size=size)
    )


def invite() -> None:
    events = {number: f"{name}, {day(on)}" for number, name, on in loaders.fresh(choices, viewer)}
    if not events:
        layout.empty(
            "No event is planned.",
            hint="Plan one on the Events page: who it fits is worked out from what customers came to.",
        )
        navigation.link("plan_event", "Plan an event")
        return
    wanted, customer = in_address("event", "id"), in_address("customer", "customer")
    chosen = invitation_choices.event_picker(events, wanted)
    if chosen is None:
        return
    st.query_params["id"] = public_id("event", chosen)
    if customer is not None:
        one.draw(viewer, chosen, customer)
    else:
        ranked(chosen)


view = one_view(PAGE, VIEWS)
if view == VIEWS[1]:
    figures = loaders.read(learning, viewer)
    invitation_learning.lift(figures)
    invitation_learning.acceptance(figures)
else:
    invite()
