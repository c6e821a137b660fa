"""A mail inside an answer: read there, and sent from there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import navigation, state
from components.draft_review import STATES, blocks
from components.loaders import DraftView, public_id
from components.loaders.ask import OnScreen
from components.mail_preview import mail_preview
from components.text import plain

PAGE = "ask"
SHOWN = "shown"
Shown = dict[int, OnScreen]


def draft(one: DraftView, name: str, safe_html: str, on_press: Callable[[str, str], None]) -> bool:
    """The mail as it would be sent now, and the buttons for it; whether its words were drawn, which those of
    one that cannot be approved are not. `safe_html` as for `mail_preview`."""
    key = public_id("draft", one.id)
    with st.container(border=True, key=f"{PAGE}-draft-{name.replace('.', '-')}"):
        address = f" <{one.address}>" if one.address else ""
        st.text(f"To: {one.recipient}{address}, {one.customer}")
        if "approve" not in one.actions:
            st.caption(plain(f"{STATES[one.state]}: {one.subject}"))
            navigation.link("draft", "Open the draft", id=key)
            return False
        mail_preview(PAGE, name, subject=one.subject, text=one.sent_text, safe_html=safe_html)
        blocks(one)
        _remember(one)
        soft = bool(one.blocks) and not any(block.hard for block in one.blocks)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.button(
                "Send anyway" if soft else "Send",
                key=state.key(PAGE, f"send.{name}"),
                type="primary",
                icon=":material/send:",
                disabled=any(block.hard for block in one.blocks),
                help="Approves this mail as you read it here. It waits in the Send queue for a moment, and "
                "until it leaves it can be taken back.",
                on_click=on_press,
                args=(f"Send {key}{' anyway' if soft else ''}", f"Send to {one.recipient}"),
            )
            navigation.link("draft", "Edit", id=key)
    return True


def short(one_id: int) -> None:
    """A mail further up: only the way to it."""
    navigation.link("draft", "Open the draft", id=public_id("draft", one_id))


def shown() -> Shown:
    """By draft how it stands on the screen."""
    return dict(state.get(PAGE, SHOWN) or {})


def forget_shown() -> None:
    """Before the page is drawn anew."""
    state.put(PAGE, SHOWN, {})


def _remember(one: DraftView) -> None:
    soft = tuple(block.code for block in one.blocks if not block.hard)
    state.put(PAGE, SHOWN, {**shown(), one.id: OnScreen(one.revision, soft, one.way)})
