"""Draft: one mail to read, change, and approve or not."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, draft_review, layout, loaders, navigation, state
from components.draft_changes import more_moves, show_answers
from components.draft_editor import editor
from components.draft_filters import PAGE
from components.draft_moves import last_approval, main_buttons
from components.draft_renewal import renewal
from components.draft_ties import draft_ties
from components.moments import reader_zone
from components.response_panel import response_panel
from components.text import plain
from pages.draft_views import moves
from services import drafts, rendering, responses
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id, read_id

viewer = layout.page("Draft", head=False)
zone = reader_zone()
went_on = moves.went_on(viewer)
if went_on:
    layout.show_messages()
navigation.link("drafts", "All drafts", **(state.get(PAGE, "query") or {}))
try:
    number = read_id("draft", st.query_params.get("id", ""))
    draft = loaders.fresh(drafts.view, viewer, number)
except NotFound as error:
    layout.heading("Draft")
    show_answers()
    st.warning(plain(error.message) if "id" in st.query_params else "No draft is chosen.")
    st.stop()

back = last_approval(number)
if back and actions.attempt(drafts.undo_approval, *back, done="Taken back: nothing was sent."):
    navigation.go("draft", id=public_id("draft", back[0]))
layout.heading(draft.subject or "No subject yet")
draft_review.head(draft, zone)
draft_review.blocks(draft)
renewal(draft)
buttons = st.container()
pressed = None
if not went_on:
    with buttons:
        pressed = main_buttons(draft)
pressed = draft_ties(draft) or pressed
if pressed and not went_on:  # each leads to another run: nobody would see the rest
    moves.act(viewer, draft, pressed)
left, right = st.columns(2)
with left:
    editor(
        draft,
        partial(actions.quietly, drafts.edit),
        editable=draft.state in ("pending", "held") and "edit" in draft.actions,
    )
    people = loaders.fresh(drafts.colleagues, viewer)
    if pressed := more_moves(draft, people, drafts.local(utc_now(), draft.zone)):
        moves.act(viewer, draft, pressed)
    draft_review.attachments(draft, partial(loaders.fresh, drafts.attachment, viewer, number))
with right:
    draft_review.preview(draft, rendering.safe_preview(draft.sent_html))
original = draft.template_text
changes = None if original is None else rendering.difference(original, draft.text)
# Nothing comes back of what never came into the send queue.
came_back = loaders.fresh(responses.of_draft, viewer, number) if draft.sending else None
if came_back:
    st.subheader("What came back", anchor=False)
    response_panel([came_back], zone)
draft_review.background(draft, changes, zone)
if went_on:  # last: a second press in haste must not approve words that are not on the screen yet
    with buttons:
        main_buttons(draft)
if not draft.seen:  # only now: a press may have led away before it was drawn
    actions.quietly(drafts.note_read, number, draft.revision, way=draft.way)
