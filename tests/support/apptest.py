"""Pages without a browser: `open_page("customer", as_=ana, id="cus_42")` on the `app_database` fixture.

A page opened here goes through the real router, guard and sign-in: a session is made in the database and
its token is looked up on every run. Only the cookie comes another way, since AppTest has none: it travels
in `AppTest.user`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType

import streamlit as st
from sqlalchemy import select
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from components import identity, loaders
from data.db import transaction
from data.tables import Person
from services.access import Viewer, signin

# Looking through every installed package for components takes longer than most pages, and gives the same each
# time.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

MAIN = Path(__file__).resolve().parents[2] / "pages" / "_main.py"
_CARRIED = "test_cookie"


def person(
    name: str, role: str = "csm", *, email: str | None = None, manager: int | None = None
) -> int:
    """Add a colleague to the app's database; the id. One with this name is returned as it is."""
    with transaction() as session:
        found = session.scalar(select(Person).where(Person.name == name))
        if found is None:
            found = Person(
                name=name, role=role, email=email, manager_id=manager, created_at=datetime.now(UTC)
            )
            session.add(found)
            session.flush()
        return found.id


def open_page(key: str, as_: int | Person | Viewer | None, **query: str) -> AppTest:
    """The page after its first run, seen by `as_` (None: signed out), with `query` in its address."""
    app = _app(as_)
    if as_ is not None and key != "today":
        app.switch_page(f"{key}.py")
    app.query_params = dict(query)
    return app.run()


def tick(app: AppTest, *places: int) -> AppTest:
    """Choose rows of the first table, as the browser would say it."""
    key = app.dataframe[0].key or ""
    app.session_state[key] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    return app.run()


def is_theirs(key: str, as_: int | Person | Viewer) -> bool:
    """Whether the page is drawn for this person; of another's it says whose it is, and nothing else."""
    app = open_page(key, as_)
    refused = [one.value for one in app.warning if "not part of your role" in one.value]
    assert bool(refused) != bool(app.title), refused
    return not refused


def _app(as_: int | Person | Viewer | None) -> AppTest:
    loaders.clear()  # tests share the process, not the database
    app = AppTest.from_file(str(MAIN), default_timeout=30)
    app.user = {_CARRIED: _signed_in(as_)} if as_ is not None else {}
    return app


def words(app: AppTest) -> str:
    """All text of the page in one piece, for asserting on what a reader would notice."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning")
    kinds += ("error", "success", "metric")
    return "\n".join(
        f"{element.label} {element.value}" if kind == "metric" else str(element.value)
        for kind in kinds
        for element in getattr(app, kind)
    )


def _signed_in(who: int | Person | Viewer) -> str:
    number = who if isinstance(who, int) else who.id if isinstance(who, Person) else who.person_id
    assert number is not None, "the app itself does not look at pages"
    with transaction() as session:
        return signin.start_session(session, number, datetime.now(UTC))


def _carried_cookies() -> Mapping[str, str]:
    token = st.user.get(_CARRIED)
    return MappingProxyType({identity.COOKIE: str(token)} if token else {})


identity.cookies = _carried_cookies
