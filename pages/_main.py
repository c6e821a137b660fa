"""The router: who is here, which menu is theirs, and the page they asked for."""

from __future__ import annotations

import streamlit as st

from components import identity, navigation, sidebar

st.set_page_config(
    page_title="CSCX Engage",
    page_icon=":material/hub:",
    layout="wide",
    initial_sidebar_state="auto",
)
viewer = identity.current_viewer()
chosen = st.navigation(navigation.menu_for(viewer.role))
sidebar.draw(viewer)
chosen.run()
