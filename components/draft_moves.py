"""What a reviewer can do with a draft, as buttons; each says what it was pressed for and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from components import state
from components.draft_editor import typed_since
from components.draft_filters import PAGE
from components.loaders import DraftView, public_id

LEADS_ON = ("approve_next", "next")
_NOTHING: tuple[int, tuple[str, ...], int, str, str | None] = (0, (), 0, "", None)
"""What `remember` keeps, when nothing was pressed."""
REASONS = ("Not now", "Wrong person", "Not relevant", "Said already", "Customer has other worries")


@dataclass(frozen=True)
class Pressed:
    """`move` is approve, approve_next, next, undo, reject, schedule, unschedule, reassign, release,
    reopen, restore, merge or take_apart; the rest is what that move needs.

    `revision`, `accepted` (codes of blocks) and `way` (stands for the addresses) are as they were on the screen when it was pressed: by the
    time the page runs again, somebody may have changed the draft.
    """

    move: str
    revision: int = 0
    accepted: tuple[str, ...] = ()
    way: str | None = None
    why: str = ""
    at: datetime | None = None
    """On the recipient's clock, without a zone."""
    owner_id: int | None = None
    other: int | None = None
    """The draft to merge with."""


def main_buttons(draft: DraftView) -> Pressed | None:
    """Approve and go on; the buttons themselves tell their keys."""
    hard = any(block.hard for block in draft.blocks)
    anyway = " anyway" if draft.blocks and not hard else ""
    # Label, key, and which of the draft's possible moves it needs.
    offered = {
        "approve_next": (f"Approve{anyway}, next", "A", "approve"),
        "approve": (f"Approve{anyway}", "Shift+A", "approve"),
        "release": ("Take up now", None, "release"),
        "reopen": ("Take up again", None, "reopen"),
        "undo": ("Take the approval back", "U", "undo"),
    }
    pressed = None
    with st.container(horizontal=True, gap="small"):
        for name, (label, shortcut, needed) in offered.items():
            off = hard and needed == "approve"
            primary = name == "approve_next"
            if needed in draft.actions and move_button(
                draft, label, name, shortcut, primary=primary, off=off
            ):
                pressed = Pressed(name)
        if "reject" in draft.actions:
            pressed = _reject(draft) or pressed
        if move_button(draft, "Next", "next", "N"):
            pressed = Pressed("next")
    return as_shown(pressed)


def _reject(draft: DraftView) -> Pressed | None:
    with (
        st.popover("Reject", icon=":material/close:"),
        st.form(state.key(PAGE, f"reject.form.{draft.id}")),
    ):
        reason = st.selectbox(
            "Why",
            REASONS,
            index=None,
            accept_new_options=True,
            placeholder="Choose, or type your own",
            key=state.key(PAGE, f"reject.why.{draft.id}"),
        )
        told = {"on_click": remember, "args": (draft, "reject")}
        if st.form_submit_button("Reject, next", type="primary", **told):
            return Pressed("reject", why=str(reason or ""))
    return None


def last_approval(number: int) -> tuple[int, int] | None:
    """After going on to draft `number`: (id, revision) of the one approved last, when it is to be taken
    back. The page puts it into the state."""
    last = state.get(PAGE, "last")
    if not last or last[0] == number:
        return None
    label, key = "Take the last approval back", state.key(PAGE, "take_back")
    if st.button(label, key=key, icon=":material/undo:", shortcut="Z"):
        return state.take(PAGE, "last")
    return None


def remember(draft: DraftView, move: str) -> None:
    """For `on_click`: called with the draft as it was drawn, before the page reads it again."""
    soft = tuple(block.code for block in draft.blocks if not block.hard)
    state.put(PAGE, "shown", (draft.revision, soft, draft.id, move, draft.way))


def leaving(address: str) -> tuple[Pressed | None, int]:
    """A press that leads on from the draft of this address to the next one, and that draft's number: it need not
    be read and drawn again before. None where its own words have changed since, which want another look first."""
    revision, accepted, on, move, way = state.get(PAGE, "shown") or _NOTHING
    if move not in LEADS_ON or address != public_id("draft", on):
        return None, on
    if move != "next" and typed_since(on, revision):
        return None, on
    state.drop(PAGE, "shown")
    return Pressed(move, revision, accepted, way), on


def as_shown(pressed: Pressed | None) -> Pressed | None:
    """What was pressed, with what was on the screen then."""
    if pressed is None:
        return None
    revision, accepted, _, _, way = state.take(PAGE, "shown") or _NOTHING
    return replace(pressed, revision=revision, accepted=accepted, way=way)


def move_button(
    draft: DraftView,
    label: str,
    name: str,
    shortcut: str | None,
    *,
    primary: bool = False,
    off: bool = False,
) -> bool:
    """Whether it was pressed; `shortcut` is its key. The widget is this draft's own: a press that comes late is
    not one of the next draft's button."""
    return st.button(
        label,
        type="primary" if primary else "secondary",
        key=state.key(PAGE, f"move.{name}.{draft.id}"),
        shortcut=shortcut,
        disabled=off,
        on_click=remember,
        args=(draft, name),
    )
