"""The people at this customer: listed, added, edited, and what is held about one of them."""

from __future__ import annotations

import streamlit as st

from components import actions, erasure_panel, loaders, stakeholder_list, state
from components.loaders import CustomerHead, Viewer
from components.text import plain
from services import customers, erasure, traces
from services.access import ADMINISTRATOR
from services.errors import AppError
from services.ids import read_id
from services.uploads.rematch import rematching


def draw(viewer: Viewer, _head: CustomerHead, number: int) -> None:
    people = loaders.read(customers.list_stakeholders, viewer, number)
    stakeholder_list.stakeholder_table(people)
    who = stakeholder_list.pick(people)
    typed = stakeholder_list.stakeholder_form(who, people)
    if typed and who == stakeholder_list.NEW:
        add = customers.add_stakeholder
        actions.run(add, number, typed, done="Added.", within=rematching)
    elif typed:
        known, edit = read_id("stakeholder", who), customers.edit_stakeholder
        actions.run(edit, known, typed, done="Saved.", within=rematching)
    if who != stakeholder_list.NEW:
        _on_request(viewer, who)


def _on_request(viewer: Viewer, who: str) -> None:
    """What data protection law gives people: a copy of what is held about them, or an end to it."""
    known = read_id("stakeholder", who)
    st.subheader("On their request", anchor=False)
    if erasure_panel.wants_export(who):
        found = actions.attempt(erasure.export, known)
        if found:
            state.put("customer", "export", (who, erasure.as_json(found)))
        st.rerun()
    ready = state.take("customer", "export")
    if ready and ready[0] == who:
        erasure_panel.export_ready(who, ready[1])
    if viewer.role != ADMINISTRATOR or not erasure_panel.wants_preview(who):
        return
    try:
        preview = loaders.fresh(erasure.preview, viewer, known)
    except AppError as error:
        st.warning(plain(error.message))
        return
    typed = erasure_panel.confirm(who, preview)
    if typed is not None:
        _erase(viewer, known, typed)


def _erase(viewer: Viewer, known: int, typed: str) -> None:
    done = "Erased. What was counted stays, without a name."
    if actions.attempt(erasure.erase, known, typed, done=done):
        for sentence in loaders.fresh(traces.to_come, viewer):
            state.flash(sentence)
    st.rerun()
