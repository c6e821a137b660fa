"""Whether mail is being sent, the switch that stops it, and the rules an admin sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import streamlit as st

from components import navigation, state
from components.loaders import MailboxRow, SendPolicy
from components.text import moment, plain, plural

PAGE = "send_queue"
SEVERITIES = ("low", "normal", "high", "critical")


def pulse(last: datetime | None, *, alive: bool, waiting: int, zone: str) -> None:
    """A warning when mail waits and nobody sends."""
    if alive or not waiting:
        return
    seen = f"It was last seen on {moment(last, zone)}." if last else "It has never been seen."
    st.warning(
        plain(f"The sending process is not running, so nothing leaves. {seen} Nothing is lost."),
        icon=":material/warning:",
    )


def switch(policy: SendPolicy, *, is_admin: bool) -> str | None:
    """The state of all sending; `resume_all` or, with the reason in state, `pause_all` when pressed."""
    if policy.paused:
        st.warning(
            plain(f"All sending is paused. {policy.paused_why}"), icon=":material/pause_circle:"
        )
        if is_admin and st.button(
            "Resume sending",
            type="primary",
            key=state.key(PAGE, "resume"),
            icon=":material/play_arrow:",
        ):
            return "resume_all"
        return None
    if not is_admin:
        return None
    with st.popover("Pause all sending", icon=":material/pause:"):
        st.caption("Nothing leaves from this moment on. What waits stays in the queue.")
        st.text_input("Why?", key=state.key(PAGE, "why"), max_chars=200)
        pressed = st.button("Pause everything", type="primary", key=state.key(PAGE, "pause"))
    return "pause_all" if pressed else None


def mailboxes(rows: Sequence[MailboxRow]) -> tuple[str, int] | None:
    """Each mailbox with its pace; (`pause` or `resume`, id) when its button was pressed."""
    pressed = None
    for row in rows:
        words, button = st.columns([5, 1], vertical_alignment="center")
        told = f"{row.person or 'Everybody'} · {row.per_minute:,} a minute, {row.per_day:,} a day"
        sent = f"{row.sent:,} sent in 24 hours, {plural(row.waiting, 'message')} waiting"
        words.markdown(f"**{plain(row.address)}** · {plain(f'{told} · {sent}')}")
        if row.state != "ready":
            words.caption(plain(f"{row.state.capitalize()}. {row.why or ''}"))
        if not row.editable or row.state == "revoked":
            continue
        label, action = ("Pause", "pause") if row.state == "ready" else ("Resume", "resume")
        if button.button(label, key=state.key(PAGE, f"{action}.box.{row.id}"), width="stretch"):
            pressed = (action, row.id)
    if any(screen.key == "mailboxes" for screen in navigation.SCREENS):
        navigation.link("mailboxes", "Change mailboxes and their pace")
    return pressed


def rules(policy: SendPolicy) -> SendPolicy | None:
    """The form of the rules; what was entered, when it is to be saved."""
    with st.form(state.key(PAGE, "rules"), border=False):
        left, right = st.columns(2)
        person = left.number_input(
            "Mails to one person in 7 days", 0, 1000, policy.per_stakeholder, help="0: no limit."
        )
        company = right.number_input(
            "Mails to one customer in 7 days", 0, 1000, policy.per_customer, help="0: no limit."
        )
        quiet_from = left.time_input("Quiet from", policy.quiet_from)
        quiet_until = right.time_input("Quiet until", policy.quiet_until)
        st.caption("By the recipient's own clock. The same time twice: no quiet hours.")
        weekends = st.checkbox("Send on Saturdays and Sundays", policy.weekends)
        undo = left.number_input(
            "Seconds to take an approval back", 0, 3600, policy.undo_seconds, step=10
        )
        arr = right.number_input(
            "Two people approve from this ARR on",
            0.0,
            None,
            float(policy.four_eyes_arr) if policy.four_eyes_arr is not None else None,
            step=10_000.0,
            placeholder="Never",
        )
        severity = left.selectbox(
            "Two people approve from this severity on",
            SEVERITIES,
            index=SEVERITIES.index(policy.four_eyes_severity)
            if policy.four_eyes_severity
            else None,
            placeholder="Never",
        )
        if not st.form_submit_button("Save rules"):
            return None
    return replace(
        policy,
        per_stakeholder=int(person),
        per_customer=int(company),
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        weekends=weekends,
        undo_seconds=int(undo),
        four_eyes_arr=None if arr is None else Decimal(str(arr)),
        four_eyes_severity=severity,
    )
