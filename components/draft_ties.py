"""Drafts that belong together: offered to become one mail, shown as what they became, taken apart again."""

from __future__ import annotations

import streamlit as st

from components import navigation
from components.draft_moves import Pressed, as_shown, move_button
from components.loaders import DraftView, public_id
from components.text import plain

OFFERED = 3
SHORT = 60
"""Characters of a subject on a button."""


def draft_ties(draft: DraftView) -> Pressed | None:
    """Merge with another mail to the same person and day, or undo that."""
    if draft.merged_into:
        navigation.link(
            "draft",
            f"Open “{plain(draft.merged_into.subject)}”, in which it goes out",
            id=public_id("draft", draft.merged_into.id),
        )
    pressed = None
    if draft.parts:
        pressed = _made_of(draft)
    for other in draft.mergeable[:OFFERED]:
        label = f"Make one mail of this and “{plain(_short(other.subject))}”"
        if move_button(draft, label, f"merge.{other.id}", None):
            pressed = Pressed("merge", other=other.id)
    return as_shown(pressed)


def _made_of(draft: DraftView) -> Pressed | None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Made of", width="content")
        for part in draft.parts:
            navigation.link("draft", plain(_short(part.subject)), id=public_id("draft", part.id))
        if "take_apart" in draft.actions and move_button(draft, "Take apart", "take_apart", None):
            return Pressed("take_apart")
    return None


def _short(subject: str) -> str:
    return subject if len(subject) <= SHORT else f"{subject[: SHORT - 1]}…"
