"""Integrations: the accounts that send us attendance, and what they have sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import integration_settings, layout, state
from components.integration_asked import PAGE, Asked
from components.loaders import DeliveryRow, IntegrationRow, public_id
from components.text import moment, plain, plural

STATES = {"new": "Waiting", "done": "Taken in", "ignored": "Not ours", "failed": "Failed"}


def integration_card(row: IntegrationRow, zone: str) -> Asked | None:
    with st.container(border=True):
        words = {"ready": ("On", "green"), "off": ("Off", "orange")}[row.state]
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{plain(row.name)}** · {plain(row.label)}")
            st.badge(words[0], color=words[1])  # type: ignore[arg-type]
        heard = f"last heard {moment(row.heard_at, zone)}" if row.heard_at else "never heard"
        counts = [plural(row.total, "delivery", "deliveries"), f"{row.waiting:,} waiting"]
        if row.failed:
            counts.append(f"{row.failed:,} failed")
        st.caption(plain(" · ".join([heard, *counts])))
        if row.refused_at:
            words = (
                f"Refused {moment(row.refused_at, zone)}: its signature did not fit. Press Check."
            )
            st.warning(plain(words), icon=":material/lock:")
        if row.former_until:
            st.caption(
                plain(f"The secret before is believed until {moment(row.former_until, zone)}.")
            )
        with st.expander("Address"):
            st.code(row.url, language=None)
        told = integration_settings.own_states(row)
        with st.container(horizontal=True, gap="small"):
            return _buttons(row) or integration_settings.more_secrets(row) or told


def _buttons(row: IntegrationRow) -> Asked | None:
    asked = None
    off = row.state == "ready"
    if st.button("Switch off" if off else "Switch on", key=_key(row, "switch")):
        asked = Asked(row.id, "off" if off else "on")
    if st.button("Check", key=_key(row, "check"), icon=":material/network_check:"):
        asked = Asked(row.id, "check")
    word = "New address" if row.secret == "none" else "New secret"  # noqa: S105 - where it comes from
    with st.popover(word), st.form(_key(row, "rotate"), border=False):
        secret = ""
        if row.secret == "theirs":  # noqa: S105
            secret = st.text_input(
                "Secret token", type="password", key=_key(row, "secret"), max_chars=500
            )
        if row.secret != "none":  # noqa: S105
            st.caption("The present one is believed for three more days.")
        if st.form_submit_button(word):
            asked = Asked(row.id, "rotate", secret)
    if row.former_until and st.button("Forget the secret before", key=_key(row, "forget")):
        asked = Asked(row.id, "forget")
    with st.popover("Remove"):
        st.caption("Its address is dead at once. What it has sent stays.")
        if st.button("Remove for good", key=_key(row, "remove"), type="primary"):
            asked = Asked(row.id, "remove")
    return asked


def deliveries(rows: Sequence[DeliveryRow], zone: str) -> int | None:
    """The table; the delivery to try again."""
    if not rows:
        layout.empty(
            "Nothing has been sent yet.",
            hint="What arrives is listed here, with what became of it.",
        )
        return None
    shown: Any = {
        "Received": [moment(row.received_at, zone) for row in rows],
        "From": [row.integration for row in rows],
        "What": [row.kind for row in rows],
        "State": [STATES[row.state] for row in rows],
        "Reason": [row.error or "" for row in rows],
    }
    st.dataframe(shown, hide_index=True, width="stretch")
    failed = {row.id: row for row in rows if row.state == "failed"}
    if not failed:
        return None
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        which = st.selectbox(
            "Failed",
            list(failed),
            format_func=lambda one: f"{public_id('hook_delivery', one)}, {failed[one].kind}",
            key=state.key(PAGE, "failed"),
            width=320,
        )
        return which if st.button("Try again", icon=":material/refresh:") else None


def _key(row: IntegrationRow, name: str) -> str:
    return state.key(PAGE, f"{name}.{row.id}")
