"""A mailbox as its owner sees it: does it send, how much, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from components import navigation, state
from components.loaders import MailboxRow, public_id
from components.text import moment, plain, plural

PAGE = "mailboxes"
KINDS = {"eml": "Folder of .eml files", "smtp": "Mail server", "gmail": "Gmail"}
STATES: dict[str, tuple[str, str, Literal["green", "orange", "red"]]] = {
    "ready": ("Sends", ":material/check_circle:", "green"),
    "paused": ("Paused", ":material/pause_circle:", "orange"),
    "revoked": ("Refused by the provider", ":material/error:", "red"),
}
_LEAVE = {"gmail": "Disconnect", "smtp": "Remove"}


@dataclass(frozen=True)
class Asked:
    """`what` is test, check, pause, resume, rates or remove; `given` goes with it."""

    mailbox_id: int
    what: str
    given: dict[str, Any]


def mailbox_card(row: MailboxRow, zone: str) -> Asked | None:
    """Draw one mailbox; what was pressed. `zone` is the reader's."""
    with st.container(border=True):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.text(row.address, width="content")  # Markdown would make a link of it
            st.markdown(f"**{_kind(row)}**", width="content")
            label, icon, color = STATES[row.state]
            st.badge(label, icon=icon, color=color)
        if row.why:
            st.warning(plain(row.why), icon=":material/info:")
        st.caption(" · ".join(_facts(row, zone)))
        if row.waiting:
            link = f"{plural(row.waiting, 'mail')} waiting in the send queue"
            navigation.link("send_queue", link, mailbox=public_id("mailbox", row.id))
        if not row.editable:
            return None
        with st.container(horizontal=True, gap="small"):
            return _buttons(row)


def other_mailboxes(rows: Sequence[MailboxRow]) -> None:
    """Colleagues' mailboxes in a table."""
    st.dataframe(
        {
            "Colleague": [row.person for row in rows],
            "Address": [row.address for row in rows],
            "State": [STATES[row.state][0] for row in rows],
            "Why": [row.why or "" for row in rows],
            "Last 24 hours": [row.sent for row in rows],
            "Waiting": [row.waiting for row in rows],
        },
        hide_index=True,
        width="stretch",
    )


def _kind(row: MailboxRow) -> str:
    words = KINDS[row.kind]
    if row.calendar:
        words += " and calendar"
    return words


def _facts(row: MailboxRow, zone: str) -> list[str]:
    facts = [plain(row.place)] if row.place and row.kind != "gmail" else []
    facts.append(f"{row.sent:,} of {row.per_day:,} in the last 24 hours")
    facts.append(f"{row.per_minute:,} a minute at most")
    if row.checked_at:
        facts.append(plain(f"Tried {moment(row.checked_at, zone)}"))
    return facts


def _buttons(row: MailboxRow) -> Asked | None:
    asked = None
    if row.state == "ready":
        if st.button("Send me a test", key=_key(row, "test"), icon=":material/send:"):
            asked = Asked(row.id, "test", {})
        if st.button("Pause", key=_key(row, "pause"), icon=":material/pause:"):
            asked = Asked(row.id, "pause", {})
    elif st.button("Resume", key=_key(row, "resume"), icon=":material/play_arrow:"):
        asked = Asked(row.id, "resume", {})
    if st.button("Check", key=_key(row, "check"), icon=":material/network_check:"):
        asked = Asked(row.id, "check", {})
    return _pace(row) or _leave(row) or asked


def _pace(row: MailboxRow) -> Asked | None:
    with st.popover("Pace", icon=":material/speed:"), st.form(_key(row, "rates"), border=False):
        per_minute = st.number_input(
            "Mails a minute", min_value=1, value=row.per_minute, key=_key(row, "per_minute")
        )
        per_day = st.number_input(
            "Mails a day", min_value=1, value=row.per_day, key=_key(row, "per_day")
        )
        if not st.form_submit_button("Save pace"):
            return None
    return Asked(row.id, "rates", {"per_minute": int(per_minute), "per_day": int(per_day)})


def _leave(row: MailboxRow) -> Asked | None:
    word = _LEAVE.get(row.kind)
    if word is None:
        return None
    with st.popover(word, icon=":material/link_off:"):
        st.markdown(
            "The password or access is forgotten at once. Mail that waits for this mailbox is held "
            "back: open its draft and approve it again, then it leaves from another."
        )
        if st.button(f"{word} for good", key=_key(row, "remove"), type="primary"):
            return Asked(row.id, "remove", {})
    return None


def _key(row: MailboxRow, name: str) -> str:
    return state.key(PAGE, f"{name}.{row.id}")
