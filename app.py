"""CSCX Engage: dashboard, API and health in one process. `streamlit run app.py`, or `python app.py --demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from api.lifespan import started
from api.site import MIDDLEWARE, ROUTES
from data.settings import settings

app = st.App(
    Path(__file__).resolve().parent / "pages" / "_main.py",
    routes=ROUTES,
    middleware=MIDDLEWARE,
    lifespan=started(st.get_option),
)

if __name__ == "__main__":
    settings().demo |= "--demo" in sys.argv[1:]
    app.run()
