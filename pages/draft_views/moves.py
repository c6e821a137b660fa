"""What a press on a draft does, and which draft is drawn after it."""

from __future__ import annotations

from typing import Any, NoReturn

import streamlit as st

from components import actions, loaders, navigation, state
from components.draft_changes import answer_here
from components.draft_editor import own_change
from components.draft_filters import PAGE
from components.draft_moves import Pressed, leaving
from components.draft_review import approved_words
from components.loaders import DraftView, Filters, Viewer
from components.moments import reader_zone
from services import drafts
from services.ids import public_id


def went_on(viewer: Viewer) -> bool:
    """Whether a press led on from the draft in the address. The next one stands there now, or the same where it
    was refused: it is drawn in this very run, and what was left is neither read nor drawn once more."""
    pressed, number = leaving(st.query_params.get("id", ""))
    if pressed is None:
        return False
    if pressed.move == "next" or _approve(number, pressed):
        st.query_params["id"] = public_id("draft", _following(viewer, number))
    return True


def act(viewer: Viewer, draft: DraftView, pressed: Pressed) -> NoReturn:
    """Do it, and draw the page anew."""
    if pressed.move == "next":
        _go_on(viewer, draft.id)
    if own_change(draft, pressed.revision):
        then = "and approve" if pressed.move.startswith("approve") else "before you go on"
        state.flash(f"Your change is saved. Look at it once more {then}.", kind="note")
        st.rerun()
    if pressed.move in ("approve", "approve_next"):
        done: Any = _approve(draft.id, pressed)
    else:
        service, told, said = _service_of(draft, pressed)
        done = actions.attempt(service, draft.id, pressed.revision, **told, done=said or None)
    answer_here(draft.id, pressed.move, refused=not done)
    if pressed.move in ("merge", "take_apart"):
        navigation.go("draft", id=public_id("draft", done))
    if pressed.move in ("approve_next", "reject"):
        _go_on(viewer, draft.id)
    st.rerun()


def _approve(number: int, pressed: Pressed) -> bool:
    """Whether it was; what was said is for the top of the page."""
    told = {"accepted": pressed.accepted, "way": pressed.way}
    done = actions.attempt(drafts.approve, number, pressed.revision, **told)
    if done is None:
        return False
    state.put(PAGE, "last", (number, pressed.revision))
    state.flash(approved_words(done, reader_zone()))
    return True


def _go_on(viewer: Viewer, number: int) -> NoReturn:
    navigation.go("draft", id=public_id("draft", _following(viewer, number)))


def _following(viewer: Viewer, number: int) -> int:
    """The draft after this one; leads to the list when no other waits."""
    wanted = state.get(PAGE, "filters") or Filters(mine=viewer.role == "csm")
    found = loaders.fresh(drafts.next_waiting, viewer, wanted, after_draft=number)
    if found is None:
        state.flash("That was the last one that waits.", kind="note")
        navigation.go("drafts", **(state.get(PAGE, "query") or {}))
    return found


def _service_of(draft: DraftView, pressed: Pressed) -> tuple[Any, dict[str, Any], str]:
    """The service behind a button, what it is told besides the draft and its revision, and what is said."""
    moment = drafts.moment_of(pressed.at, draft.zone)
    return {
        "undo": (drafts.undo_approval, {}, "The approval is taken back: nothing was sent."),
        "reject": (drafts.reject, {"why": pressed.why}, "Rejected."),
        "schedule": (drafts.schedule, {"not_before": moment}, "Scheduled."),
        "unschedule": (drafts.schedule, {"not_before": None}, "It leaves once approved."),
        "reassign": (drafts.reassign, {"owner_id": pressed.owner_id}, "Given."),
        "restore": (drafts.restore, {}, "These are the template's words again."),
        "release": (drafts.release, {}, "Taken up."),
        "reopen": (drafts.reopen, {}, "Taken up again."),
        "merge": (drafts.merge, {"other_id": pressed.other}, "The two are one mail now."),
        "take_apart": (drafts.take_apart, {}, "They are two mails again."),
    }[pressed.move]
