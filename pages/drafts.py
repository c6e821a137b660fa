"""Drafts: every mail that waits for somebody to read and approve it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, draft_filters, draft_list, layout, loaders, navigation, state
from components.downloads import download_buttons
from components.draft_filters import PAGE
from components.first_steps import next_step
from components.loaders.address import in_address
from services import drafts, first_steps
from services.ids import public_id

viewer = layout.page("Drafts", "Nothing is sent before somebody has read and approved it.")
if "id" in st.query_params:
    navigation.go("draft", id=st.query_params["id"])
known = loaders.fresh(drafts.overview, viewer)


def go_on() -> None:
    """Back to where one left off, also after the tab was closed."""
    last = loaders.fresh(drafts.last_opened, viewer)
    if last is not None:
        navigation.link("draft", "Go on where you left off", id=public_id("draft", last))


def show() -> None:
    mine = viewer.role == "csm"
    wanted = draft_filters.filters(
        known.counts,
        known.kinds,
        in_address("customer", "customer"),
        owners=known.owners,
        mine=mine,
    )
    state.put(PAGE, "filters", wanted)
    state.put(PAGE, "query", draft_filters.query_of(wanted, known.owners))
    found = loaders.fresh(drafts.listing, viewer, wanted, after=draft_list.place(wanted))
    total = loaders.fresh(drafts.total, viewer, wanted)
    if not total:
        layout.empty("No draft fits these filters.", hint="Clear one of them to see more.")
        return
    chosen = draft_list.table(found)
    if chosen is not None:
        navigation.go("draft", id=public_id("draft", chosen))
    draft_list.pager(found, total)
    seen = loaders.fresh(drafts.looked_at, viewer, wanted)
    if draft_list.approve_seen(len(seen), total - len(seen)):
        with st.spinner("Approving …"):
            done = actions.attempt(drafts.approve_many, seen)
        if done:
            draft_list.say_many(len(done.approved), len(done.second_look), done.left)
        st.rerun()
    download_buttons(PAGE, "drafts", partial(loaders.fresh, drafts.export, viewer, wanted))


if len(known.counts) == 1:  # nothing but the count of one's own
    hint = (
        "Follow-ups, invitations and answers that the app proposes wait here for you. "
        "To write one yourself, open a customer and choose Mail."
    )
    layout.empty("No drafts yet.", hint=hint)
    if not next_step(loaders.read(first_steps.first_steps, viewer)):
        navigation.link("events", "Follow up an event")
        navigation.link("customers", "Choose a customer")
else:
    go_on()
    show()
