"""What can be changed about a draft besides its words: when it leaves, whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

import streamlit as st

from components import layout, state
from components.draft_filters import PAGE
from components.draft_moves import Pressed, as_shown, move_button, remember
from components.loaders import DraftView
from components.text import moment, plain

MORNING = time(9, 0)
_HERE = ("schedule", "unschedule", "reassign", "restore")
MOVED_ON = (
    "This draft has moved on since you opened it. Nothing was done: look at how it stands now."
)


def answer_here(number: int, move: str, *, refused: bool) -> None:
    """What came of one of these buttons is said beside them: the top of the page is out of sight from there.
    After a refusal of any nothing more follows: the page is drawn anew."""
    if move in _HERE:
        state.put(PAGE, "answers", (number, state.take_flashes()))
    if refused:
        st.rerun()


def show_answers(number: int | None = None) -> None:
    """Those about this draft; of any, where it is no longer one's to see."""
    about, flashes = state.take(PAGE, "answers") or (number, ())
    if number in (None, about):
        layout.show_messages(flashes)


def more_moves(
    draft: DraftView, people: Sequence[tuple[int, str]], now: datetime
) -> Pressed | None:
    """When it leaves, who owns it, the template's words. `now` is on the recipient's clock."""
    pressed = None
    # Above the buttons, in a place that is always there: what opens below them stays open and covers the rest.
    with st.container():
        show_answers(draft.id)
    with st.container(horizontal=True, gap="small"):
        if "schedule" in draft.actions:
            pressed = _schedule(draft, now)
        if "reassign" in draft.actions:
            pressed = _reassign(draft, people) or pressed
        changed = (draft.subject, draft.text) != (draft.template_subject, draft.template_text)
        if draft.template_text is not None and changed and "edit" in draft.actions:
            with st.popover("Template's words"):
                st.write("Drop all changes and begin again with the words of the template?")
                if move_button(draft, "Drop the changes", "restore", None):
                    pressed = Pressed("restore")
    pressed = as_shown(pressed)
    # The last buttons of the page: what none of them has taken was pressed on one that is gone.
    _, _, on, move, _ = state.take(PAGE, "shown") or (0, (), 0, "", None)
    if on == draft.id:
        state.flash(MOVED_ON, kind="note")
        answer_here(draft.id, move, refused=True)
    return pressed


def _schedule(draft: DraftView, now: datetime) -> Pressed | None:
    with st.popover("When", icon=":material/schedule:"):
        st.caption(plain(f"On the clock of {draft.recipient}: {draft.zone}"))
        with st.form(state.key(PAGE, f"{draft.id}.schedule.{draft.revision}"), border=False):
            # Today at nine is past for most of the day, and cannot be set.
            first = now.date() + timedelta(days=now.time() >= MORNING)
            day = st.date_input("Day", first, min_value=now.date(), format="YYYY-MM-DD")
            at = st.time_input("Not before", MORNING)
            told = {"on_click": remember, "args": (draft, "schedule")}
            if st.form_submit_button("Set", type="primary", **told):
                return Pressed("schedule", at=datetime.combine(day, at))
        if draft.not_before and move_button(draft, "As soon as approved", "unschedule", None):
            return Pressed("unschedule")
    return None


def _reassign(draft: DraftView, people: Sequence[tuple[int, str]]) -> Pressed | None:
    names = {number: name for number, name in people if number != draft.owner_id}
    with st.popover("Give to", icon=":material/person:"):
        chosen = st.selectbox(
            "Colleague who approves it, and in whose name it goes out",
            list(names),
            index=None,
            format_func=lambda number: names.get(number, ""),
            key=state.key(PAGE, f"{draft.id}.owner"),
        )
        off = chosen is None
        if move_button(draft, "Give", "reassign", None, off=off) and chosen is not None:
            return Pressed("reassign", owner_id=chosen)
    return None


def when_words(draft: DraftView) -> str:
    """When it leaves if it is approved now."""
    when = moment(draft.not_before, draft.zone) if draft.not_before else "as soon as approved"
    if draft.opens_at is None:
        return when
    return f"{when}, but for quiet hours there not before {moment(draft.opens_at, draft.zone)}"
