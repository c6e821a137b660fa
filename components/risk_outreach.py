"""Outreach to many at once: asking for it, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from components import selection, state
from components.risk_list import PAGE
from components.text import plural


def bulk(
    chosen: Sequence[int], shown: Sequence[int], customers: Mapping[int, int]
) -> tuple[int, ...]:
    """The signals to plan outreach for, once the button was pressed: those ticked, else all shown.
    `customers`: by signal; each is written to once, however many signals it has."""
    which = tuple(chosen or shown)
    if not which:
        return ()
    words = "ticked" if chosen else "shown"
    count = len({customers[one] for one in which})
    with st.popover(
        f"Create outreach drafts for the {plural(count, 'customer')} {words}",
        icon=":material/outgoing_mail:",
    ):
        st.write(
            f"For {plural(count, 'customer')}: a mail to their champion, waiting for approval, and a "
            "call in the calendar of the CSM. Who has theirs already is passed over."
        )
        pressed = st.button(
            f"Plan outreach to {plural(count, 'customer')}",
            type="primary",
            key=state.key(PAGE, f"bulk.{selection.mark(which)}"),
        )
    if not pressed:
        return ()
    selection.clear(PAGE, "table")
    return which


def say_planned(drafts: int, tasks: int, unreachable: Sequence[str], before: int) -> None:
    """What came of planning, for the next page head."""
    made = (
        f"{plural(drafts, 'mail')} waiting under Drafts" if drafts else "",
        f"{plural(tasks, 'call')} planned" if tasks else "",
    )
    if any(made):
        state.flash(f"{', '.join(filter(None, made))}.")
    if unreachable:
        some = ", ".join(unreachable[:5])
        state.flash(f"Nobody to write to at {some}: they have the call alone.", kind="note")
    if before:
        state.flash(f"{plural(before, 'customer')} had outreach planned already.", kind="note")


def taken_back(mails: int, calls: int, mails_left: int, calls_left: int) -> str:
    """What came of taking planned outreach back."""
    gone = _cases(mails, calls, "is cancelled", "are cancelled")
    left = _cases(mails_left, calls_left, "stays as it is", "stay as they are")
    said = f"Taken back: {gone}." if gone else "Nothing was taken back."
    return (
        f"{said} What somebody has changed or decided on since is left: {left}." if left else said
    )


def _cases(mails: int, calls: int, one: str, more: str) -> str:
    what = " and ".join(name for name, some in (("mail", mails), ("call", calls)) if some)
    if mails + calls == 1:
        return f"the {what} {one}"
    return f"{what} {more}" if what else ""
