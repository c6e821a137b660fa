"""Do not contact: whom not to write to, why, since when, and who said so."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import streamlit as st

from components import actions, layout, loaders, state
from components.downloads import download_buttons
from components.suppression_list import PAGE, add_form, import_form, lift_form, table
from components.text import plural
from services import suppression
from services.access import CSM

ROWS = 50
VIEWS = ("In force", "Lifted")

viewer = layout.page("Do not contact", "Checked at approval and once more before a mail leaves.")
REASONS = {"Any reason": None} | {words: code for code, words in suppression.WORDS.items()}
TOPICS = {suppression.EVERYTHING: "Everything"} | suppression.TOPICS

new = add_form(TOPICS)
if new:
    done = "Nobody writes to this address any more."
    actions.run(suppression.add_by_hand, new.email, new.topic, new.note, done=done)
if viewer.role != CSM:
    given = import_form(TOPICS)
    if given:
        taken = actions.attempt(suppression.import_list, content=given[0], topic=given[1])
        if taken:
            state.flash(
                f"{plural(taken.added, 'address', 'addresses')} added, {taken.known} known before, "
                f"{plural(taken.without, 'line')} without an address."
            )
        st.rerun()

with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
    view = st.segmented_control(
        "Show", VIEWS, default=VIEWS[0], required=True,
        key=state.key(PAGE, "view"), bind="query-params",
    )  # fmt: skip
    words = st.text_input(
        "Search", key=state.key(PAGE, "search"), bind="query-params",
        placeholder="Address, customer or name", max_chars=100, width=260,
    )  # fmt: skip
    reason = st.selectbox(
        "Why", list(REASONS), key=state.key(PAGE, "reason"), bind="query-params", width=220
    )
lifted = view == VIEWS[1]
wanted: dict[str, Any] = {"search": words or None, "reason": REASONS[reason], "lifted": lifted}
found = loaders.fresh(suppression.listing, viewer, **wanted, limit=ROWS)
if found.total > ROWS:
    pages = math.ceil(found.total / ROWS)
    place = st.pagination(pages, key=state.key(PAGE, "page"), bind="query-params") - 1
    found = loaders.fresh(suppression.listing, viewer, **wanted, offset=place * ROWS, limit=ROWS)
if found.total:
    st.caption(plural(found.total, "entry", "entries"))
    chosen = table(found, lifted=lifted)
    if chosen and not lifted:
        why = lift_form(chosen)
        if why is not None:
            actions.run(suppression.lift, chosen["id"], why, done="They can be written to again.")
    if not lifted:
        make = partial(actions.exported, suppression.export, suppression.note_export, viewer)
        download_buttons(PAGE, "do-not-contact", make)
elif words or REASONS[reason]:
    layout.empty("No entry fits this search.", hint="Clear it to see all of them.")
else:
    hint = "People get here when they unsubscribe, when their address ends, or when you add them."
    layout.empty("Nobody is on the list.", hint=hint)
marked = loaders.fresh(suppression.marked_in_customer_data, viewer)
if marked:
    st.caption(
        f"{plural(marked, 'more stakeholder')} marked as unsubscribed in the customer data: "
        "not written to either."
    )
