"""Today: the first steps of a new installation; later what is waiting."""

from __future__ import annotations

import streamlit as st

from components import actions, layout, loaders, navigation
from components.first_steps import step
from components.text import plural
from services import demo, first_steps

viewer = layout.page("Today", "From who came to whom to talk to.")
steps = loaders.read(first_steps.first_steps, viewer)

if steps.untouched and viewer.role == "admin":
    with st.container(border=True):
        st.markdown("**Just looking?** Load a year of invented events: 78 customers, 18 events.")
        if st.button("Load demo data", key="today.demo", icon=":material/science:"):
            with st.spinner("Loading a year of invented events ..."):
                actions.attempt(demo.load, done="Demo data is loaded.")
            st.rerun()

st.subheader("First steps" if not steps.done else "Your workspace", anchor=False)
first, second, third = st.columns(3, border=True)
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
