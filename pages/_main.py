"""The router: who is here, which menu is theirs, and the page they asked for."""

from __future__ import annotations

import streamlit as st

from components import identity, loaders, navigation, paper, shades, sidebar
from services import notifications

# A named icon would be fetched from Google by every visitor.
st.set_page_config(page_title="CSCX Engage", page_icon=navigation.ICON, layout="wide")
st.logo(navigation.LOGO, icon_image=navigation.ICON, size="large")
with identity.one_run() as viewer:
    waiting = loaders.fresh(notifications.unread, viewer)
    chosen = st.navigation(navigation.menu_for(viewer.role, waiting), expanded=True)
    sidebar.draw(viewer)
    paper.style()
    shades.style()
    chosen.run()
