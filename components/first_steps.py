"""The way in for a new installation: four steps, each ticked when it is done."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components import navigation
from components.loaders import FirstSteps, public_id
from components.text import plain, plural


def step(number: int, title: str, *, done: bool) -> None:
    mark = ":green[:material/check_circle:]" if done else ":gray[:material/radio_button_unchecked:]"
    st.markdown(f"{mark} **{number}. {plain(title)}**{' (done)' if done else ''}")


def first_steps(steps: FirstSteps, load_demo: Callable[[], None] | None) -> None:
    """The steps; `load_demo` where somebody who only looks around may be offered sample data."""
    if load_demo:
        with st.container(border=True):
            st.markdown(
                "**Just looking?** Load a year of invented events: 78 customers, 18 events."
            )
            if st.button("Load demo data", key="today.demo", icon=":material/science:"):
                with st.spinner("Loading a year of invented events ..."):
                    load_demo()
    st.subheader("First steps", anchor=False)
    first, second, third, fourth = st.columns(4, border=True)
    with first:
        step(1, "Load your customers", done=bool(steps.customers))
        st.caption(
            f"{plural(steps.customers, 'customer')} in view."
            if steps.customers
            else "A CSV or Excel export from your CRM: names, domains, CSMs."
        )
        navigation.link("customers", "Open Customers")
    with second:
        step(2, "Drop an attendance file", done=bool(steps.uploads))
        st.caption(
            f"{plural(steps.uploads, 'file')} counted."
            if steps.uploads
            else "Straight from Zoom, Teams, Webex, GoToWebinar and others. You see a preview first."
        )
        navigation.link("upload", "Open Upload")
    with third:
        step(3, "See who is engaged", done=bool(steps.scored))
        st.caption(
            f"{plural(steps.scored, 'customer')} scored."
            if steps.scored
            else "The board ranks your customers, and says why."
        )
        navigation.link("engagement", "Open Engagement")
    with fourth:
        step(4, "Write to who came", done=steps.written)
        st.caption(
            "The first mail is approved."
            if steps.written
            else "A personal draft for each; nothing leaves before you have approved it."
        )
        if steps.latest is None:
            navigation.link("events", "Open Events")
        else:
            navigation.link("event", "Open the event", id=public_id("event", steps.latest))


def next_step(steps: FirstSteps) -> bool:
    """Below an empty screen: the way to what it waits for; False where customers and a file are there already."""
    ways = (
        (steps.customers, "customers", "Load your customers"),
        (steps.uploads, "upload", "Drop an attendance file"),
    )
    for done, screen, words in ways:
        if not done:
            navigation.link(screen, words)
            return True
    return False
