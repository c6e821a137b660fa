"""Invitations to an event: how far they are, who is registered, and what can be done about it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import actions, event_invitations, layout, loaders, navigation, state
from components.downloads import download_buttons
from components.loaders import Viewer
from components.text import plain, plural
from services.ids import public_id
from services.invitations import catalogue, funnel
from services.invitations.calling_off import cancel_event
from services.planners import rights

PAGE = "event"


def draw(viewer: Viewer, number: int) -> None:
    found = loaders.fresh(funnel.funnel, viewer, number)
    event_invitations.state_line(found)
    event_invitations.figures(found)
    right = loaders.fresh(rights, viewer, number)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if found.state in event_invitations.OPEN:
            # The screen that invites is there when it is.
            navigation.link("invitations", "Invite customers", id=public_id("event", number))
            if right.changes:
                navigation.link("plan_event", "Edit the plan", id=public_id("event", number))
        plan = loaders.fresh(catalogue.plan_of, viewer, number)
        pressed = event_invitations.moves(plan, found, cancels=right.cancels)
    if right.refusal and found.state in event_invitations.OPEN:
        st.caption(plain(right.refusal))
    if pressed is not None:
        _do(number, pressed)
    _invited(viewer, number)
    _registered(viewer, number)


def _do(number: int, pressed: dict[str, object]) -> None:
    if "copy" in pressed:
        made = actions.attempt(catalogue.duplicate, number, pressed["copy"], done="Copied.")
        if made is not None:
            navigation.go("plan_event", id=public_id("event", made))
        st.rerun()
    gone = actions.attempt(cancel_event, number, pressed["cancel"])
    if gone is not None:
        said = f"The event is cancelled. {plural(gone.withdrawn, 'mail')} withdrawn."
        state.flash(f"{said} {event_invitations.told_words(gone.told)}")
    st.rerun()


def _invited(viewer: Viewer, number: int) -> None:
    st.subheader("Invited", anchor=False)
    rows = loaders.fresh(funnel.people, viewer, number)
    if rows.is_empty():
        layout.empty(
            "Nobody of your customers is invited yet.",
            hint="Choose whom it fits on the Invitations page. Each invitation waits for approval.",
        )
        return
    customer, draft = event_invitations.invited(rows, funnel.PEOPLE_LABELS)
    with st.container(horizontal=True, gap="small"):
        if draft is not None:
            navigation.link("draft", "Open the draft", id=public_id("draft", draft))
        if customer is not None:
            navigation.link("customer", "Open the customer", id=public_id("customer", customer))
    make = partial(loaders.fresh, funnel.export_people, viewer, number)
    download_buttons(f"{PAGE}.invited", "invitations", make)


def _registered(viewer: Viewer, number: int) -> None:
    st.subheader("Registered", anchor=False)
    rows = loaders.fresh(funnel.registrations, viewer, number)
    if rows.is_empty():
        layout.empty(
            "Nobody of your customers is registered yet.",
            hint="Answers on our page, platforms' files and webhooks, and programs all end up here.",
        )
        return
    customer = event_invitations.registered(rows, funnel.REGISTRATION_LABELS)
    if customer is not None:
        navigation.link("customer", "Open the customer", id=public_id("customer", customer))
    make = partial(loaders.fresh, funnel.export_registrations, viewer, number)
    download_buttons(f"{PAGE}.registered", "registrations", make)
