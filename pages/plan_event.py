"""Plan event: an event of the catalogue, new or changed, with its sessions, offers and audience."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import (
    actions,
    event_invitations,
    event_plan,
    event_programme,
    layout,
    loaders,
    navigation,
    state,
)
from components.text import plain, plural
from services.attendance.events.viewing import TYPES
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id, read_id
from services.invitations import catalogue
from services.invitations.catalogue import SESSION_KINDS, EventPlan, OfferPlan, SessionPlan, listing
from services.invitations.catalogue.programme import EXAMPLE, import_programme
from services.invitations.moving import change
from services.invitations.reminders import USUAL
from services.planners import rights

viewer = layout.page("Plan event", "When, where, for whom, and what makes it worth coming")
number: int | None = None
plan = catalogue.blank(utc_now())
if "id" in st.query_params:
    try:
        number = read_id("event", st.query_params["id"])
        plan = loaders.fresh(catalogue.plan_of, viewer, number)
        right = loaders.fresh(rights, viewer, number)
    except NotFound as error:
        st.warning(plain(error.message))
        navigation.link("events", "Choose an event")
        st.stop()
    if not right.changes:
        st.info(plain(right.refusal))
        navigation.link("event", "Back to the event", id=public_id("event", number))
        st.stop()


def entered(said: dict[str, Any]) -> EventPlan:
    """The form's words as a plan."""
    sessions = tuple(SessionPlan(**one) for one in said["sessions"])
    offers = tuple(OfferPlan(**one) for one in said["offers"])
    usual = sorted(said["reminders"]) == sorted(USUAL)
    reminders = None if usual else tuple(said["reminders"])
    return EventPlan(**{**said, "sessions": sessions, "offers": offers, "reminders": reminders})


def bring_in(event_id: int, raw: bytes) -> None:
    done = actions.attempt(import_programme, event_id, raw)
    if done is None:
        st.rerun()
    for line, why in done.problems[:10]:
        state.flash(f"Line {line}: {why}", kind="error")
    if done.problems:
        state.flash("Nothing was brought in. Correct these lines and try again.", kind="note")
    else:
        state.flash(f"{plural(len(done.sessions), 'session')} brought in.")
    st.rerun()


def warn_of_place(event_id: int) -> None:
    """Flashes, where a city was named that we do not find."""
    kept = loaders.fresh(catalogue.plan_of, viewer, event_id)
    if kept.unplaced:
        state.flash(event_plan.UNKNOWN_CITY.format(kept.city), kind="note")


if number is not None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        navigation.link("event", "Back to the event", id=public_id("event", number))
        raw = event_programme.sessions_file(EXAMPLE)
    if raw is not None:
        bring_in(number, raw)
words = loaders.read(listing.words, viewer)
# The version makes the tables start anew from what is on record after each save.
name = f"{number or 0}.{state.get('plan_event', 'saves', 0)}"
said = event_plan.form(plan, TYPES, SESSION_KINDS, words, USUAL, name)
if said is not None:
    if number is None:
        made = actions.attempt(
            catalogue.create, entered(said), done="The event is in the catalogue."
        )
        if made is not None:
            warn_of_place(made)
            navigation.go("event", id=public_id("event", made), **{"event.view": "Invitations"})
        st.rerun()
    changed = actions.attempt(change, number, entered(said))
    if changed is not None:  # after an error what was typed stays
        state.flash(event_invitations.changed_words(changed))
        warn_of_place(number)
        state.put("plan_event", "saves", state.get("plan_event", "saves", 0) + 1)
    st.rerun()
