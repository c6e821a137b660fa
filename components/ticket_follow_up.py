"""The follow-up of a ticket: how it stands, what it promises, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from components import navigation, state
from components.loaders import public_id
from components.loaders.tickets import (
    FOLLOW_UP_WORDS,
    LEVEL_WORDS,
    REASON_WORDS,
    FollowUpView,
    TicketView,
)
from components.text import moment, plain, plural

PAGE = "ticket"
ICONS = {
    "waiting": ":material/hourglass_top:",
    "drafted": ":material/drafts:",
    "sent": ":material/mark_email_read:",
    "withdrawn": ":material/cancel:",
    "left": ":material/block:",
}
NOUNS = {"acknowledge": "acknowledgement"}
"""Of levels whose name is none."""
SCORES = 5


@dataclass(frozen=True)
class Pressed:
    """`draft`: make one now, to `reader` or whoever asked for help. `leave`: send nothing, and why."""

    draft: bool = False
    reader: int | None = None
    leave: str | None = None


def follow_up(found: TicketView, zone: str) -> Pressed:
    """How it stands, with the way to the draft; what was pressed."""
    one = found.follow_up
    if one is not None:
        standing(one, zone)
    for why in found.hindrances:
        st.warning(plain(why), icon=":material/front_hand:")
    pressed = _elsewhere(found) if one and one.state == "drafted" else _draft(found)
    if one is not None and one.state in ("waiting", "drafted"):
        pressed = replace(pressed, leave=_leave())
    if one is None and not found.hindrances:
        st.caption("Nothing is sent before somebody has read and approved it.")
    if found.earlier:
        with st.expander(f"Before that ({len(found.earlier)})"):
            for former in found.earlier:
                standing(former, zone)
    return pressed


def _draft(found: TicketView) -> Pressed:
    if found.hindrances:
        return Pressed()
    level = found.row.level or ""
    kind = NOUNS.get(level) or LEVEL_WORDS.get(level, "follow-up").lower()
    reader = _reader(found)
    key = state.key(PAGE, "follow_up")
    pressed = st.button(f"Draft the {kind}", type="primary", icon=":material/reply:", key=key)
    return Pressed(pressed, reader)


def _reader(found: TicketView) -> int | None:
    names = dict(found.readers)
    return st.selectbox(
        "To",
        list(names),
        index=None,
        format_func=lambda number: names[number],
        placeholder="Whoever asked for help",
        key=state.key(PAGE, "reader"),
    )


def _elsewhere(found: TicketView) -> Pressed:
    """The draft written anew to somebody else, while nobody has worked on it."""
    with (
        st.popover("Write to somebody else", icon=":material/person_edit:"),
        st.form(state.key(PAGE, "elsewhere"), border=False),
    ):
        reader = _reader(found)
        sent = st.form_submit_button("Write it anew")
    return Pressed(sent and reader is not None, reader)


def _leave() -> str | None:
    with st.popover("Send nothing", icon=":material/block:"):
        with st.form(state.key(PAGE, "leave"), border=False):
            why = st.text_input("Why", max_chars=300, key=state.key(PAGE, "leave_why"))
            sent = st.form_submit_button("Leave it")
        st.caption("A draft that waits is withdrawn. The reason stands here for colleagues.")
    return (why or "") if sent else None


def standing(one: FollowUpView, zone: str) -> None:
    """One follow-up, from its reason to what came of it."""
    with st.container(border=True):
        words = f"{FOLLOW_UP_WORDS[one.state]} · {LEVEL_WORDS[one.level]}"
        st.markdown(f"{ICONS[one.state]} **{plain(words)}**")
        whom = f" To {one.stakeholder}." if one.stakeholder else ""
        # Of when it began: the page's head says when the ticket was solved.
        st.caption(
            plain(f"{REASON_WORDS[one.reason]}. Begun {moment(one.created_at, zone)}.{whom}")
        )
        if one.state == "waiting":
            st.caption(plain(f"Drafted after {moment(one.due_at, zone)}, unless it opens again."))
        if one.why:
            st.caption(plain(one.why))
        if one.draft_id is not None:
            navigation.link("draft", "Read the draft", id=public_id("draft", one.draft_id))
        if one.sent_at:
            _came_of_it(one, zone)
        promises(one, zone)


def _came_of_it(one: FollowUpView, zone: str) -> None:
    said = [f"Sent {moment(one.sent_at, zone)}"]
    said.append(f"answered {moment(one.replied_at, zone)}" if one.replied_at else "no answer yet")
    said.append(f"rated {one.score} of {SCORES}" if one.score else "not rated")
    st.caption(" · ".join(map(plain, said)))
    if one.comment:
        st.text(one.comment)


def promises(one: FollowUpView, zone: str) -> None:
    """What the mail promises, and by when it is to be done."""
    for promise in one.promises:
        if promise.state == "dropped":
            continue
        due = (
            moment(promise.due_at, zone)
            if promise.due_at
            else f"{plural(promise.days, 'day')} after it is sent"
        )
        words = f"Reminder: {promise.what}, {due}"
        st.markdown(f":material/alarm: {plain(words)}")
