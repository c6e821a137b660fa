"""Integrations: systems that send attendance by themselves. For admins."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, integration_forms, integration_list, layout, loaders, state
from components.integration_asked import PAGE, Asked
from components.moments import reader_zone
from services import hooks

viewer = layout.page(
    "Integrations", "Systems that tell of attendance, bulk mail and support tickets by themselves."
)
zone = reader_zone()
vendors = hooks.vendors()
users = {one.key: one.user for one in vendors}


def shown(made: loaders.IntegrationShown | None, vendor: str) -> None:
    """Keep what is shown once for the next run alone."""
    if made is not None:
        state.put(PAGE, "shown", (made, users[vendor]))
    st.rerun()


def check(number: int) -> None:
    tried = actions.attempt(hooks.check, number)
    for words in tried.wrong if tried else ():
        state.flash(words, kind="error")
    if tried and not tried.wrong:
        state.flash(tried.well)
    st.rerun()


def do(one: Asked, vendor: str) -> None:
    switch = partial(actions.run, hooks.switch, one.number)
    match one.what:
        case "check":
            check(one.number)
        case "rotate":
            shown(actions.attempt(hooks.rotate, one.number, one.secret), vendor)
        case "forget":
            actions.run(
                hooks.forget_former, one.number, done="Only the present secret is believed."
            )
        case "remove":
            actions.run(hooks.remove, one.number, done="Removed.")
        case "add_secret":
            actions.run(
                hooks.add_secret, one.number, one.name, one.secret, done="It is believed as well."
            )
        case "drop_secret":
            actions.run(hooks.drop_secret, one.number, one.which, done="It is believed no more.")
        case "states":
            actions.run(hooks.name_states, one.number, one.states, done="Saved.")
        case _:
            switch(
                on=one.what == "on", done="Switched on." if one.what == "on" else "Switched off."
            )


once = state.take(PAGE, "shown")
if once:
    integration_forms.shown_once(*once)
rows = loaders.fresh(hooks.listing, viewer)
if not rows:
    layout.empty(
        "No system tells of anything yet.",
        hint="Add Zoom, a learning system, your mail platform, your support desk or a system of your own: "
        "who came, who read and who asked is then on record by itself.",
    )
for row in rows:
    pressed = integration_list.integration_card(row, zone)
    if pressed:
        do(pressed, row.vendor)
with st.expander("Add an integration", icon=":material/add:", expanded=not rows):
    typed = integration_forms.add_form(vendors)
if typed:
    shown(actions.attempt(hooks.add, *typed), typed[0])
if rows:
    st.subheader("What came", anchor=False)
    again = integration_list.deliveries(loaders.fresh(hooks.recent, viewer), zone)
    if again is not None:
        actions.run(hooks.retry, again, done="It is being taken in again.")
