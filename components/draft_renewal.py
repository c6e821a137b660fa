"""A draft that rests on what is not so any more is made anew, not mended by hand."""

from __future__ import annotations

import streamlit as st

from components import actions, navigation, state
from components.loaders import DraftView, public_id

CODE = "facts_changed"


def renewal(draft: DraftView) -> None:
    """Offered where the draft's source has a service that can; leads to the new one."""
    stale = any(block.code == CODE for block in draft.blocks)
    if not stale or draft.source not in actions.ANEW:
        return
    pressed = st.button(
        "Make it anew",
        icon=":material/refresh:",
        key=state.key("draft", f"anew.{draft.id}"),
        help="This one is withdrawn, and another is written from what is known today.",
    )
    if pressed:
        made = actions.attempt(
            actions.ANEW[draft.source], draft.id, draft.revision, done="Made anew."
        )
        navigation.go("draft", id=public_id("draft", made or draft.id))
