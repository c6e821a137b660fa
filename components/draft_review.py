"""What a reviewer reads beside a draft: who and when, what speaks against it, what it rests on, its past."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components import navigation, state
from components.draft_changes import when_words
from components.draft_filters import PAGE, SENDING, SEVERITIES, kind_words
from components.loaders import DiffLine, DraftView, Outcome, public_id
from components.mail_preview import mail_preview
from components.text import moment, money, plain
from components.text_difference import text_difference

STATES = {
    "pending": "Waiting for approval",
    "held": "Held back",
    "second_look": "Waiting for a second person",
    "approved": "Approved",
    "rejected": "Rejected",
    "cancelled": "Cancelled",
}
MOVES = {
    "create": "Made",
    "edit": "Words changed",
    "approve": "Approved",
    "undo": "Approval taken back",
    "recall": "Not sent: waits for a second person",
    "reject": "Rejected",
    "cancel": "Cancelled",
    "schedule": "Scheduled",
    "reassign": "Given",
    "release": "Taken up",
    "merge": "Made one mail with another",
    "reopen": "Taken up again",
}


def head(draft: DraftView, zone: str) -> None:
    """Who it goes to, from whom, when, and how it stands."""
    said = [STATES[draft.state], kind_words(draft.kind), f"{SEVERITIES[draft.severity]} severity"]
    st.caption(" · ".join(map(plain, said)))
    with st.container(horizontal=True, gap="medium"):
        # As text: in Markdown an address becomes a link that writes past the approval.
        address = f" <{draft.address}>" if draft.address else ""
        st.text(f"To: {draft.recipient}{address}")
        st.text(f"From: {draft.sender or draft.owner or 'nobody yet'}")
        st.text(f"When: {when_words(draft)}")
    with st.container(horizontal=True, gap="medium"):
        # Apart: a name that runs from right to left would turn the amount.
        worth = f" {plain(f'({money(draft.arr)} ARR)')}" if draft.arr else ""
        name = plain(draft.customer) + worth
        navigation.link("customer", name, id=public_id("customer", draft.customer_id))
        if draft.owner:
            st.caption(plain(f"Owner: {draft.owner}"))
        if draft.expires_at:
            st.caption(plain(f"Not after {moment(draft.expires_at, zone)}"))
    _standing(draft, zone)


def _standing(draft: DraftView, zone: str) -> None:
    if draft.why:
        st.info(plain(draft.why), icon=":material/info:")
    elif draft.second_look and draft.state == "pending":
        st.info(plain(draft.second_look), icon=":material/group:")
    if draft.approved_by:
        st.caption(f"Approved by {' and '.join(map(plain, draft.approved_by))}")
    if draft.sending:
        told = SENDING.get(draft.sending.state, draft.sending.state)
        at = draft.sending.sent_at or draft.sending.due_at
        reason = f" · {draft.sending.reason}" if draft.sending.reason else ""
        st.success(plain(f"{told}: {moment(at, zone)}{reason}"), icon=":material/outgoing_mail:")


def approved_words(done: Outcome, zone: str) -> str:
    """What approving came to, and until when it can be taken back."""
    if done.state == "second_look":
        return f"“{done.subject}”: approved by you. A second person has to approve it too."
    why = ", after the recipient's quiet hours" if done.quiet else ""
    return (
        f"“{done.subject}” is approved and leaves at {moment(done.due_at, zone)}{why}. "
        "Until then you can take it back."
    )


def blocks(draft: DraftView) -> None:
    """What speaks against sending: first what must be put right."""
    for block in draft.blocks:
        if block.hard:
            st.error(plain(block.words), icon=":material/block:")
        else:
            st.warning(plain(block.words), icon=":material/warning:")


def preview(draft: DraftView, safe_html: str) -> None:
    """The mail as its recipient will see it; `safe_html` is made of `sent_html` by `safe_preview`."""
    mail_preview(PAGE, "draft", subject=draft.subject, text=draft.sent_text, safe_html=safe_html)


def background(draft: DraftView, changes: Sequence[DiffLine] | None, zone: str) -> None:
    """What it rests on, what was changed of the template's words (None: there was none), its history."""
    with st.expander("What it rests on", expanded=bool(draft.evidence)):
        _evidence(draft)
    if changes is not None:
        with st.expander("What differs from the template"):
            text_difference(changes)
    with st.expander("History"):
        _history(draft, zone)


def _evidence(draft: DraftView) -> None:
    """Each claim of the mail with the fact it rests on, and the way to where that can be seen."""
    if not draft.evidence:
        st.caption("Nothing in it was claimed from data.")
        return
    for one in draft.evidence:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{plain(one.get('claim', ''))}** · {plain(one.get('fact', ''))}")
            screen = str(one.get("screen") or "")
            if screen and navigation.has(screen):
                query = {str(k): str(v) for k, v in dict(one.get("query") or {}).items()}
                navigation.link(screen, "See it", **query)


def attachments(draft: DraftView, read: Callable[[int], bytes]) -> None:
    with st.container(horizontal=True, gap="small"):
        for file in draft.attachments:
            st.download_button(
                plain(f"{file.name} ({max(1, round(file.size / 1024)):,} KB)"),
                lambda number=file.id: read(number),
                file_name=file.name,
                mime="application/octet-stream",
                on_click="ignore",
                key=state.key(PAGE, f"file.{file.id}"),
                icon=":material/attach_file:",
            )


def _history(draft: DraftView, zone: str) -> None:
    """Every move, newest first."""
    for move in draft.history:
        who, why = move.who or "CSCX Engage", f" · {move.why}" if move.why else ""
        what = MOVES.get(move.move, move.move)
        if move.move == "approve" and move.to_state == "second_look":
            what = "Approved, waits for a second person"
        st.markdown(f"**{plain(what)}** {plain(who)}, {plain(f'{moment(move.at, zone)}{why}')}")
