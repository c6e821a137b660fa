"""Who looks at the page: asked anew on every run and before every action, since an open tab outlives a sign-out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st

from components import actions, loaders, state
from components.loaders import Viewer
from components.plain_pages import plain_page_link

COOKIE = "cscx_session"
DEMO_COOKIE = "cscx_demo_person"
"""Whom the demo is looked at as, over reloads and in new tabs; it opens nothing that is not open."""


_READER: ContextVar[Viewer | None] = ContextVar("reader", default=None)


@contextmanager
def one_run() -> Iterator[Viewer]:
    """The person signed in, for the router: until the run ends `reader` answers without asking again."""
    viewer = current_viewer()
    told = _READER.set(viewer)
    try:
        yield viewer
    finally:
        _READER.reset(told)


def reader() -> Viewer:
    """Whom this run is drawn for: who was signed in as it began."""
    return _READER.get() or current_viewer()


def current_viewer() -> Viewer:
    """The person signed in. Ends the run with a link to the sign-in page when there is none."""
    viewer = _demo_viewer() if loaders.demo_mode() else _signed_in()
    if viewer is None:
        _ask_to_sign_in()
    return viewer


def cookies() -> Mapping[str, str]:
    """The browser's cookies, as sent when its connection was opened."""
    return st.context.cookies


def _signed_in() -> Viewer | None:
    token = cookies().get(COOKIE)
    found = loaders.session_for(token) if token else None
    if token and found and found.renew:
        actions.extend_session(token)
    return found.viewer if found else None


def _demo_viewer() -> Viewer | None:
    chosen = state.demo_person() or _demo_cookie()
    viewer = loaders.viewer_by_id(chosen) if chosen else None
    if viewer:
        return viewer
    people = loaders.demo_people()
    return loaders.viewer_by_id(people[0].id) if people else None


def _demo_cookie() -> int | None:
    given = cookies().get(DEMO_COOKIE, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _ask_to_sign_in() -> NoReturn:
    st.info("You are signed out. Sign in to go on; you will come back to this page.")
    plain_page_link("Sign in", "/signin", back_to=_here())
    st.stop()


def _here() -> str:
    """The path and query of the page that is open."""
    query = st.query_params.to_dict()
    path = urlsplit(st.context.url or "/").path or "/"
    return f"{path}?{urlencode(query)}" if query else path
