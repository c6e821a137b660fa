"""What a press on a task does, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from components import actions, loaders, state
from components.loaders import Viewer
from components.risk_outreach import say_planned
from components.task_list import Pressed
from services import drafts, tasks
from services.clock import utc_now
from services.scoring import risk

UNDO = {"done": "Undo: the task is not done", "cancelled": "Undo: the task is needed"}


def carry_out(page: str, viewer: Viewer, pressed: Pressed) -> None:
    """`page` is where it was pressed, and where `under_way` stands."""
    if pressed.what == "done":
        _close(page, pressed.number, "done", "Done.")
    elif pressed.what == "cancel":
        _close(page, pressed.number, "cancelled", "Taken off the list.")
    elif pressed.snooze:
        actions.run(tasks.snooze, pressed.number, utc_now() + pressed.snooze, done="Snoozed.")
    elif pressed.what == "give":
        state.put(page, "give", pressed.number)
        st.rerun()
    else:
        name, content = loaders.fresh(tasks.calendar_entry_file, viewer, pressed.number)
        st.download_button("Save the calendar file", content, name, "text/calendar")


def act_on(what: str, number: int) -> None:
    """What a press on one of the best does: `write` answers a signal, else the task is put off."""
    if what == "write":
        made = actions.attempt(risk.plan_outreach, (number,))
        if made is not None:
            say_planned(len(made.drafts), len(made.tasks), made.unreachable, made.before)
        st.rerun()
    actions.run(tasks.snooze, number, utc_now() + timedelta(days=1), done="Snoozed until tomorrow.")


def under_way(page: str, viewer: Viewer) -> None:
    """The button that opens again what was closed last on this page, and the question who is given a task."""
    given = state.get(page, "give")
    if given:
        _give(page, viewer, given)
    number, to = state.get(page, "undo") or (None, "")
    if number and st.button(UNDO[to], key=state.key(page, "undo_task"), icon=":material/undo:"):
        state.drop(page, "undo")
        actions.run(tasks.move, number, "open", done="It is open again.")


def _close(page: str, number: int, to: str, said: str) -> None:
    state.put(page, "undo", (number, to))
    actions.run(tasks.move, number, to, done=said)


def _give(page: str, viewer: Viewer, number: int) -> None:
    def leave() -> None:
        state.drop(page, "give")

    # Its head is made anew in each run: what ends it must know the page.
    st.dialog("Give the task to a colleague", on_dismiss=leave)(_ask)(page, viewer, number)


def _ask(page: str, viewer: Viewer, number: int) -> None:
    names = dict(loaders.fresh(drafts.colleagues, viewer))
    chosen = st.selectbox(
        "Who does it", list(names), index=None, format_func=lambda one: names.get(one, "")
    )
    if st.button("Give", type="primary", disabled=chosen is None) and chosen is not None:
        state.drop(page, "give")
        actions.run(tasks.reassign, number, chosen, done=f"{names[chosen]} has it now.")
