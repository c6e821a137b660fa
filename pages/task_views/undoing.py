"""What was done last on a page, and the button that takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from components import actions, state
from components.risk_outreach import taken_back
from components.text import plural
from services import customers, notifications, tasks
from services.ask import history
from services.attendance.follow_up import letting_go
from services.campaigns import contacting, rules
from services.scoring import risk


@dataclass(frozen=True)
class Back:
    """The button that takes something back, what that calls, and what is said then (of what that returns)."""

    label: str
    service: Callable[..., Any]
    said: str | Callable[[Any], str]


def _told(came: risk.TakenBack) -> str:
    return taken_back(came.mails, came.calls, came.mails_left, came.calls_left)


def _up_again(mails: int) -> str:
    if not mails:
        return "It is to be followed up again."
    return f"It is to be followed up again; {plural(mails, 'mail')} can be approved again."


def _awake(hidden: bool) -> str:  # noqa: FBT001 - what the service returns
    return "It is snoozed as before." if hidden else "It is on the list again."


NOBODY, TAKEN_BACK = "Undo: nobody was in contact", "Taken back: nobody was in contact."
BACK = {
    "done": Back("Undo: the task is not done", tasks.open_again, "It is open again."),
    "cancelled": Back("Undo: the task is needed", tasks.open_again, "It is open again."),
    "snoozed": Back("Undo: show the task again", tasks.snooze_back, _awake),
    "snoozed_again": Back("Undo: snoozed as before", tasks.snooze_back, _awake),
    "written": Back("Undo: neither mail nor call", risk.take_back, _told),
    "put_away": Back("Undo: show the news again", notifications.bring_back, "It is back."),
    "contacted": Back(NOBODY, contacting.unsay_contacted, TAKEN_BACK),
    "acted_on": Back(NOBODY, rules.unmark_contacted, TAKEN_BACK),
    "let_go": Back("Undo: it is to be followed up", letting_go.take_up_again, _up_again),
    "identifier": Back("Undo: keep the identifier", customers.add_identifier, "It is there again."),
    "cleared": Back("Undo: show the conversation again", history.bring_back, "It is back."),
    "read": Back("Undo: the news is unread", notifications.mark_unread, "It is unread again."),
}


def keep(page: str, what: str, *args: Any) -> None:
    """What was done last on a page: one of BACK, and what its service is called with."""
    state.put(page, "undo", (what, args))


def keep_at(page: str, what: str, number: int, at: datetime | None) -> None:
    """What was done at that moment. Where a press did nothing, the button of the one before would seem to be its
    own."""
    if at is None:
        state.drop(page, "undo")
    else:
        keep(page, what, number, at)


def keep_closing(
    page: str, what: str, number: int, closed: tasks.Closing, said: str, already: str
) -> None:
    """Who was first says so, and can take it back; who comes late is told, in `already`, whose `{by}` names who
    was first."""
    keep_at(page, what, number, closed.at)
    if closed.at:
        state.flash(said)
    else:
        state.flash(already.format(by=f" by {closed.by}" if closed.by else ""), kind="note")


def keep_written(page: str, made: risk.Planned) -> None:
    """Outreach, where any was planned."""
    if made.tasks:
        keep(page, "written", made.drafts, made.tasks, made.signals)
    else:
        state.drop(page, "undo")


def keep_contacted(page: str, what: str, number: int, closed: tasks.Closing) -> None:
    """That somebody was in contact."""
    already = "It was noted already{by} that somebody was in contact."
    keep_closing(page, what, number, closed, "Noted: somebody was in contact.", already)


def offer(page: str) -> None:
    what, args = state.get(page, "undo") or ("", ())
    if not what:
        return
    back = BACK[what]
    if st.button(back.label, key=state.key(page, "undo_last"), icon=":material/undo:"):
        state.drop(page, "undo")
        said = back.said
        if isinstance(said, str):
            actions.run(back.service, *args, done=said)
        elif (came := actions.attempt(back.service, *args)) is not None:
            state.flash(said(came))
        st.rerun()
