"""What a press on a task or on news does, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from components import actions, loaders, state
from components.loaders import Viewer
from components.risk_outreach import say_planned
from components.task_list import Pressed
from components.today import BestPressed
from pages.task_views import undoing
from services import drafts, notifications, tasks
from services.clock import utc_now
from services.scoring import risk


def carry_out(page: str, pressed: Pressed) -> None:
    """`page` is where it was pressed, and where `under_way` stands."""
    if pressed.what == "done":
        close(page, pressed.number)
    elif pressed.what == "cancel":
        _close(
            page, pressed.number, "cancelled", "Taken off the list.", "It was off the list already."
        )
    elif pressed.snooze:
        _snooze(page, pressed.number, pressed.snooze, "Snoozed.")
    elif pressed.what == "wake":
        actions.attempt(tasks.wake, pressed.number, done="It is on the list again.")
    else:
        state.put(page, "give", pressed.number)


def calendar_file(viewer: Viewer, number: int) -> None:
    name, content = loaders.fresh(tasks.calendar_entry_file, viewer, number)
    st.download_button("Save the calendar file", content, name, "text/calendar")


def act_on(page: str, pressed: BestPressed) -> None:
    """What a press on one of the best does: `write` answers a signal, else the task is put off."""
    if pressed.what != "write":
        _snooze(page, pressed.number, timedelta(days=1), "Snoozed until tomorrow.")
        return
    made = actions.attempt(risk.plan_outreach, (pressed.number,))
    if made is not None:
        undoing.keep_written(page, made)
        say_planned(len(made.drafts), len(made.tasks), made.unreachable, made.before)


def put_away(page: str, number: int) -> None:
    at = actions.attempt(notifications.set_done, number, done="Put away.")
    undoing.keep_at(page, "put_away", number, at)
    st.rerun()


def mark_read(page: str) -> None:
    if (read_at := actions.attempt(notifications.mark_read)) is not None:
        undoing.keep(page, "read", read_at)
    st.rerun()


def under_way(page: str, viewer: Viewer) -> None:
    """The button that takes back what was done last on this page, and the question who is given a task."""
    given = state.get(page, "give")
    if given:
        _give(page, viewer, given)
    undoing.offer(page)


def close(page: str, number: int, said: str = "Done.") -> None:
    """The task is done."""
    _close(page, number, "done", said, "It was done already{by}.")


def _close(page: str, number: int, to: str, said: str, already: str) -> None:
    closed = actions.attempt(tasks.close, number, to)
    if closed is not None:
        undoing.keep_closing(page, to, number, closed, said, already)


def _snooze(page: str, number: int, length: timedelta, said: str) -> None:
    came = actions.attempt(tasks.snooze, number, utc_now() + length, done=said)
    if came is not None:
        until, before = came
        undoing.keep(page, "snoozed_again" if before else "snoozed", number, until, before)


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
