"""Contacts with a customer over all features, advice where they collide, and one entered by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from components import navigation
from components.layout import line
from components.loaders import TouchCalendar, public_id
from components.text import day, plain

ICONS = {
    "mail": ":material/outgoing_mail:",
    "call": ":material/call:",
    "meeting": ":material/groups_2:",
    "other": ":material/forum:",
}
STATES = {"done": "", "queued": "waits to be sent", "draft": "draft"}


@dataclass(frozen=True)
class TypedContact:
    stakeholder: str | None
    channel: str
    what: str
    at: datetime


def hints(found: TouchCalendar) -> None:
    for hint in found.hints:
        st.warning(plain(hint.words), icon=":material/event_busy:")


def contacts(found: TouchCalendar) -> None:
    """Newest first."""
    if not found.contacts:
        st.caption("No contact in the last 30 days, and none planned.")
    for one in reversed(found.contacts):
        told = [plain(day(one.day)), *([STATES[one.state]] if STATES[one.state] else [])]
        if one.stakeholder:
            told.append(plain(one.stakeholder))
        icon = ICONS.get(one.channel, ICONS["other"])
        with line(f"{icon} {plain(one.what)}  \n{' · '.join(told)}"):
            if one.draft_id and one.state == "draft":
                navigation.link("draft", "Review", id=public_id("draft", one.draft_id))


def contact_form(
    people: pl.DataFrame, channels: Mapping[str, str], today: date, zone: str
) -> TypedContact | None:
    """What was typed, when it was saved: for noon of the day in the reader's `zone`. `people` has id and name of
    the stakeholders."""
    names = dict(people.select("id", "name").iter_rows())
    with st.form("customer.contact", clear_on_submit=True, border=False):
        channel = st.selectbox(
            "Kind", list(channels), format_func=channels.__getitem__, key="customer.contact_kind"
        )
        who = st.selectbox(
            "With",
            [None, *names],
            format_func=lambda one: names[one] if one else "Nobody in particular",
            key="customer.contact_who",
        )
        what = st.text_input("What was it about?", key="customer.contact_what", max_chars=300)
        on = st.date_input("Day", today, key="customer.contact_day")
        saved = st.form_submit_button("Enter")
    at = datetime.combine(on, time(12), ZoneInfo(zone)).astimezone(UTC)
    return TypedContact(who, channel, what, at) if saved else None
