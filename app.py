"""CSCX Engage: dashboard, API and health in one process. `streamlit run app.py`, or `python app.py --demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit import config
from streamlit.web import cli

from api import company_login
from api.lifespan import started
from api.site import MIDDLEWARE, ROUTES
from components import company_login as streamlit_login
from data.settings import settings

company_login.offer(streamlit_login if settings().oidc else None)
app = st.App(
    Path(__file__).resolve().parent / "pages" / "_main.py",
    routes=ROUTES,
    middleware=MIDDLEWARE,
    lifespan=started(st.get_option, config.set_option),
    secrets=company_login.secrets(settings()),
)

if __name__ == "__main__":
    # Through the command line rather than app.run(), which would not look at STREAMLIT_SERVER_PORT.
    settings().demo |= "--demo" in sys.argv[1:]
    cli.main(["run", __file__, *(option for option in sys.argv[1:] if option != "--demo")])
