"""The form in which an event is planned: when, where, for whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from components import state
from components.event_editor import zones
from components.event_list import type_words
from components.event_programme import offers, sessions
from components.text import plural

PAGE = "plan_event"
UNKNOWN_CITY = (
    "{} is in no list of cities we have, so nobody's way there is counted. "
    "Check its spelling and its country."
)
ROLES = {"champion": "Champions", "executive_sponsor": "Executive sponsors", "admin": "Admins", "user": "Users"}  # fmt: skip
REMINDERS = {
    10080: "A week before", 4320: "3 days before", 1440: "A day before", 180: "3 hours before",
    60: "An hour before", 15: "15 minutes before",
}  # fmt: skip


def form(
    plan: Any, types: Sequence[str], kinds: Sequence[str], words: Any, usual: Sequence[int], name: str
) -> dict[str, Any] | None:  # fmt: skip
    """What was entered, once it is saved, by the names of the plan's fields. `name` tells two events' forms
    apart."""
    with st.form(state.key(PAGE, f"plan.{name}"), border=False):
        said = _what(plan, types) | _when(plan) | _where(plan) | _audience(plan, words)
        said["reminders"] = st.multiselect(
            "Remind those who are registered",
            sorted({*REMINDERS, *usual, *(plan.reminders or ())}, reverse=True),
            default=list(usual if plan.reminders is None else plan.reminders),
            format_func=lambda one: REMINDERS.get(one, f"{plural(one, 'minute')} before"),
            max_selections=4,
            help="Each reminder is a draft that waits for approval, a week ahead of its time.",
        )
        said["sessions"] = sessions(plan, kinds, said["zone"], name)
        said["offers"] = offers(plan, words.segments, name)
        if st.form_submit_button("Save", type="primary", icon=":material/save:"):
            return said
    return None


def _what(plan: Any, types: Sequence[str]) -> dict[str, Any]:
    name = st.text_input("Name", plan.name, max_chars=300, placeholder="Customer Success Summit")
    with st.container(horizontal=True, gap="small"):
        kind = st.selectbox(
            "Type", types, index=types.index(plan.type), format_func=type_words, width=180
        )
        topic = st.text_input("Topic", plan.topic or "", max_chars=200, width=260)
        capacity = st.number_input(
            "Seats", min_value=1, value=plan.capacity, step=10, width=140, placeholder="No limit"
        )
    about = st.text_area("Description", plan.description or "", max_chars=5000, height=100)
    return {
        "name": name, "type": kind, "topic": topic or None, "capacity": capacity,
        "description": about or None,
    }  # fmt: skip


def _when(plan: Any) -> dict[str, Any]:
    here = ZoneInfo(plan.zone)
    start = plan.starts_at.astimezone(here)
    end = (plan.ends_at or plan.starts_at + timedelta(hours=1)).astimezone(here)
    step = timedelta(minutes=15)
    with st.container(horizontal=True, gap="small"):
        first = st.date_input("First day", start.date(), format="YYYY-MM-DD", width=140)
        at = st.time_input("Begins", start.time(), step=step, width=110)
        last = st.date_input("Last day", end.date(), format="YYYY-MM-DD", width=140)
        until = st.time_input("Ends", end.time(), step=step, width=110)
        known = sorted({*zones(), plan.zone})
        zone = st.selectbox("Time zone", known, index=known.index(plan.zone), width=220)
    there = ZoneInfo(zone)
    return {
        "zone": zone,
        "starts_at": datetime.combine(first, at or time(), there),
        "ends_at": datetime.combine(last, until or time(), there),
    }


def _where(plan: Any) -> dict[str, Any]:
    online = st.checkbox("One can take part from one's desk", plan.virtual)
    with st.container(horizontal=True, gap="small"):
        city = st.text_input(
            "City", plan.city or "", max_chars=100, width=180, placeholder="Nowhere: online only"
        )
        country = st.text_input("Country", plan.country or "", max_chars=100, width=180)
        place = st.text_input("Venue", plan.place or "", max_chars=200, width=260)
    with st.container(horizontal=True, gap="small"):
        join = st.text_input(
            "Link to join", plan.join_url or "", max_chars=2000, width=320,
            help="Goes to those who are registered, with their reminders.",
        )  # fmt: skip
        register = st.text_input(
            "Link to register", plan.registration_url or "", max_chars=2000, width=320,
            help="Of the platform that takes registrations. Leave it empty, and our own page does.",
        )  # fmt: skip
    moved = (city or None, country or None) != (plan.city, plan.country)
    return {
        "virtual": online, "city": city or None, "country": country or None,
        "place": place or None, "join_url": join or None, "registration_url": register or None,
        # Looked up anew for another city.
        "latitude": None if moved else plan.latitude, "longitude": None if moved else plan.longitude,
    }  # fmt: skip


def _audience(plan: Any, words: Any) -> dict[str, Any]:
    st.markdown("**Whom it is for**")
    st.caption("Only customers of these segments and regions are recommended; the rest weighs.")
    with st.container(horizontal=True, gap="small"):
        return {
            "segments": _choice("Segments", words.segments, plan.segments),
            "regions": _choice("Regions", words.regions, plan.regions),
            "industries": _choice("Industries", words.industries, plan.industries),
            "roles": _choice("Roles", tuple(ROLES), plan.roles, ROLES),
            "topics": _choice("Topics", plan.topics, plan.topics),
        }


def _choice(
    label: str, known: Sequence[str], chosen: Sequence[str], shown: dict[str, str] | None = None
) -> tuple[str, ...]:
    picked = st.multiselect(
        label,
        sorted({*known, *chosen}),
        default=list(chosen),
        format_func=lambda one: str((shown or {}).get(one, one)),
        accept_new_options=shown is None,
        placeholder="All",
        width=220,
    )
    return tuple(picked)
