"""Rules: what is done when a customer takes mail in a certain way."""

from __future__ import annotations

import streamlit as st

from components import actions, campaign_rule_form, campaign_rules, loaders, progress_bar
from components.loaders import Viewer
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
    for row in loaders.fresh(rules.listing, viewer):
        pressed = campaign_rules.rule(row, people, may=may)
        if pressed:
            do(pressed)
    clicked = campaign_rules.firings(loaders.fresh(rules.firings, viewer))
    if clicked is not None and campaign_rules.chosen(clicked):
        actions.run(rules.mark_contacted, clicked.id, done="Noted: somebody was in contact.")


def do(pressed: campaign_rules.Pressed) -> None:
    number = pressed.rule.id
    if pressed.what == "change":
        saved = "Saved. It is off until it is tested again."
        actions.run(rules.change, number, pressed.rule.revision, pressed.new, done=saved)
    if pressed.what == "test":
        said = "Tested: see what it would have done."
        actions.run(rules.look_back, number, progress=progress_bar.told(), done=said)
    if pressed.what == "off":
        actions.run(rules.switch_off, number, done="Switched off.")
    services = {
        "on": (rules.switch_on, "Switched on."),
        "remove": (rules.remove, "Removed. What it did stays on record."),
    }
    service, done = services[pressed.what]
    actions.run(service, number, pressed.rule.revision, done=done)
