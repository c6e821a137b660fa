"""Draft: one mail to read, change, and approve or not."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from components import actions, draft_review, layout, loaders, navigation, state
from components.draft_changes import answer_here, more_moves, show_answers
from components.draft_editor import editor, own_change
from components.draft_filters import PAGE
from components.draft_moves import Pressed, last_approval, main_buttons
from components.draft_renewal import renewal
from components.draft_ties import draft_ties
from components.loaders import Filters
from components.response_panel import response_panel
from components.text import plain
from services import drafts, rendering, responses
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id, read_id

viewer = layout.page("Draft", head=False)
zone = st.context.timezone or "UTC"
filters = state.get(PAGE, "filters")
navigation.link("drafts", "All drafts", **(state.get(PAGE, "query") or {}))
try:
    number = read_id("draft", st.query_params.get("id", ""))
    draft = loaders.fresh(drafts.view, viewer, number)
except NotFound as error:
    layout.heading("Draft")
    show_answers()
    st.warning(plain(error.message) if "id" in st.query_params else "No draft is chosen.")
    st.stop()
if not draft.seen:
    actions.quietly(drafts.note_read, number, draft.revision, way=draft.way)


def go_next() -> None:
    wanted = filters or Filters(mine=viewer.role == "csm")
    following = loaders.fresh(drafts.next_waiting, viewer, wanted, after_draft=number)
    if following is None:
        state.flash("That was the last one that waits.", kind="note")
        navigation.go("drafts", **(state.get(PAGE, "query") or {}))
    else:
        navigation.go("draft", id=public_id("draft", following))


def services_of(pressed: Pressed) -> tuple[Any, dict[str, Any], str]:
    """The service behind a button, what it is told besides the draft and its revision, and what is said."""
    moment = drafts.moment_of(pressed.at, draft.zone)
    accepted = {"accepted": pressed.accepted, "way": pressed.way}
    return {
        "approve": (drafts.approve, accepted, ""),
        "approve_next": (drafts.approve, accepted, ""),
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


def act(pressed: Pressed) -> None:
    if pressed.move == "next":
        go_next()
    if pressed.move != "next" and own_change(draft, pressed.revision):
        then = "and approve" if pressed.move.startswith("approve") else "before you go on"
        state.flash(f"Your change is saved. Look at it once more {then}.", kind="note")
        st.rerun()
    service, told, said = services_of(pressed)
    done: Any = actions.attempt(service, number, pressed.revision, **told, done=said or None)
    answer_here(number, pressed.move, refused=done is None)
    if pressed.move in ("approve", "approve_next"):
        state.put(PAGE, "last", (number, pressed.revision))
        words = draft_review.approved_words
        state.flash(words(draft, done.state, done.due_at, zone, quiet=done.quiet))
    if pressed.move in ("merge", "take_apart"):
        navigation.go("draft", id=public_id("draft", done))
    if pressed.move in ("approve_next", "reject"):
        go_next()
    st.rerun()


back = last_approval(number)
if back and actions.attempt(drafts.undo_approval, *back, done="Taken back: nothing was sent."):
    navigation.go("draft", id=public_id("draft", back[0]))
layout.heading(draft.subject or "No subject yet")
draft_review.head(draft, zone)
draft_review.blocks(draft)
renewal(draft)
pressed = main_buttons(draft)
if pressed := draft_ties(draft) or pressed:  # each leads to another run: nobody would see the rest
    act(pressed)
left, right = st.columns(2)
with left:
    editor(
        draft,
        partial(actions.quietly, drafts.edit),
        editable=draft.state in ("pending", "held") and "edit" in draft.actions,
    )
    people = loaders.fresh(drafts.colleagues, viewer)
    if pressed := more_moves(draft, people, drafts.local(utc_now(), draft.zone)):
        act(pressed)
    draft_review.attachments(draft, partial(loaders.fresh, drafts.attachment, viewer, number))
with right:
    draft_review.preview(draft, rendering.safe_preview(draft.sent_html))
original = draft.template_text
changes = None if original is None else rendering.difference(original, draft.text)
if came_back := loaders.fresh(responses.of_draft, viewer, number):
    st.subheader("What came back", anchor=False)
    response_panel([came_back], zone)
draft_review.background(draft, changes, zone)
