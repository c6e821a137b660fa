"""Rules: what is done when a customer takes mail in a certain way."""

from __future__ import annotations

import streamlit as st

from components import (
    actions,
    campaign_rule_form,
    campaign_rules,
    loaders,
    progress_bar,
    state,
)
from components.loaders import Viewer
from components.loaders.campaigns import CampaignRule
from pages.task_views import undoing
from services.access.people import list_people
from services.campaigns import rules


def draw(viewer: Viewer) -> None:
    may = viewer.role != "csm"
    people = {row.id: row.name for row in loaders.fresh(list_people, viewer)} if may else {}
    if may:
        with st.expander("New rule", icon=":material/add:"):
            new = campaign_rule_form.form(people)
        if new:
            actions.run(rules.add, new, done="Saved. Test it on history, then switch it on.")
    st.caption(
        "Only what people did counts: opens and clicks of programs fire nothing. Drafts wait for approval."
    )
    undoing.offer(campaign_rules.PAGE)
    rows = loaders.fresh(rules.listing, viewer)
    for row in rows:
        pressed = campaign_rules.rule(row, people, press, may=may)
        if pressed:
            do(row.id, pressed)
    if refused := campaign_rule_form.lost({row.id for row in rows}):
        state.flash(refused, kind="error")
        st.rerun()
    clicked = campaign_rules.firings(loaders.fresh(rules.firings, viewer))
    if clicked is not None:
        campaign_rules.chosen(clicked, contacted)


def contacted(firing: int) -> None:
    came = actions.attempt(rules.mark_contacted, firing)
    if came is not None:
        undoing.keep_contacted(campaign_rules.PAGE, "acted_on", firing, came)


def do(number: int, pressed: campaign_rules.Pressed) -> None:
    if pressed.what == "change":
        saved = "Saved. It is off until it is tested again."
        actions.run(rules.change, number, pressed.revision, pressed.new, done=saved)
    said = "Tested: see what it would have done."
    actions.run(rules.look_back, number, progress=progress_bar.told(), done=said)


def press(what: str, drawn: CampaignRule) -> None:
    """Before the page runs again, so that it is done to the rule that was on the screen or not at all."""
    if what == "off":
        actions.attempt(rules.switch_off, drawn.id, done="Switched off.")
        return
    services = {
        "on": (rules.switch_on, "Switched on."),
        "remove": (rules.remove, "Removed. What it did stays on record."),
    }
    service, done = services[what]
    actions.attempt(service, drawn.id, drawn.revision, done=done)
