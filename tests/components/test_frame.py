"""The frame of the pages, and the way tests open them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import Engine, update
from streamlit.testing.v1 import AppTest

from components import loaders, navigation
from components.navigation import SCREENS
from data.db import transaction
from data.settings import settings
from data.tables import ApiToken, AuditEntry, Person, SignIn
from tests.support.apptest import is_theirs, open_page, person, words


@pytest.mark.parametrize("key", [screen.key for screen in SCREENS if screen.file.exists()])
def test_signed_in_person_sees_the_page(app_database: Engine, key: str):
    app = open_page(key, as_=person("Ana", "admin"))
    assert not app.exception
    assert app.title


@pytest.mark.parametrize(
    ("key", "role", "ways"),
    [
        ("advocacy", "csm", ["Load your customers"]),
        ("backtest", "csm", ["Upload past years", "Enter who has left"]),
        ("drafts", "csm", ["Load your customers"]),
        ("risk", "csm", ["Load your customers"]),
        ("send_queue", "csm", ["Open Drafts"]),
        ("tickets", "csm", ["Go to Upload"]),
        ("tickets", "admin", ["Go to Upload", "Go to Integrations"]),
    ],
)
def test_empty_screen_leads_to_what_it_waits_for(
    app_database: Engine, key: str, role: str, ways: list[str]
):
    app = open_page(key, as_=person("Ana", role))
    links = [str(one.proto.label) for one in app.main if one.type == "page_link"]
    assert [one for one in links if one in ways] == ways
    assert "fits these filters" not in words(app)
    assert "years ends." not in words(app).replace("\\", "")


@pytest.mark.parametrize("key", ["campaigns", "events", "impact", "tickets"])
def test_address_with_an_empty_view_shows_the_first(app_database: Engine, key: str):
    app = open_page(key, person("Ana", "admin"), **{f"{key}.view": ""})
    assert not app.exception
    assert app.title


def test_signed_out_visitor_sees_only_the_way_in(app_database: Engine):
    app = open_page("today", as_=None)
    assert not app.exception
    assert not app.title
    assert "signed out" in words(app)


@pytest.mark.parametrize("screen", [s for s in SCREENS if s.file.exists()], ids=lambda s: s.key)
def test_page_run_past_the_router_is_guarded_too(app_database: Engine, screen: navigation.Screen):
    app = AppTest.from_file(str(screen.file), default_timeout=30)
    app.user = {}
    app.run()
    assert not app.title
    assert "signed out" in words(app)


def test_a_run_asks_once_who_looks_and_the_next_one_anew(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    app = open_page("settings", person("Ana"))
    asked: list[str] = []
    found = loaders.session_for
    monkeypatch.setattr(loaders, "session_for", lambda token: asked.append(token) or found(token))
    app.run()
    assert len(asked) == 1
    with transaction() as session:
        session.execute(update(SignIn).values(ended_at=datetime.now(UTC)))
    app.run()
    assert len(asked) == 2
    assert "signed out" in words(app)
    assert not app.title


def test_every_screen_of_the_menu_has_its_file():
    assert [screen.key for screen in SCREENS if not screen.file.is_file()] == []


def test_no_two_screens_share_an_address_or_a_title():
    assert len({screen.key for screen in SCREENS}) == len(SCREENS)
    assert len({screen.title for screen in SCREENS}) == len(SCREENS)


def test_screen_of_another_role_is_neither_in_the_menu_nor_drawn(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    ours = tuple(
        replace(screen, roles=("admin",)) if screen.key == "settings" else screen
        for screen in SCREENS
    )
    monkeypatch.setattr(navigation, "SCREENS", ours)
    ben = person("Ben")
    assert not is_theirs("settings", ben)
    past_the_router = AppTest.from_file(str(ours[-1].file), default_timeout=30)
    past_the_router.user = dict(open_page("today", as_=ben).user)
    past_the_router.run()
    assert not past_the_router.title
    assert "not part of your role" in words(past_the_router)
    assert open_page("settings", as_=person("Ana", "admin")).title[0].value == "Settings"


@pytest.mark.parametrize(
    ("role", "key", "whose"),
    [
        ("csm", "impact", "This page is for managers and admins"),
        ("manager", "integrations", "This page is for admins"),
    ],
)
def test_address_of_another_roles_screen_says_whose_it_is(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch, role: str, key: str, whose: str
):
    menus: list[dict[str, list[Any]]] = []
    drawn = st.navigation
    monkeypatch.setattr(st, "navigation", lambda *a, **b: menus.append(a[0]) or drawn(*a, **b))
    app = open_page(key, as_=person("Ben", role))
    assert whose in words(app)
    assert not app.title
    shown = {one.url_path: one.visibility for pages in menus[-1].values() for one in pages}
    assert (shown[key], shown["customers"]) == ("hidden", "visible")


def test_open_tab_ends_with_the_session(app_database: Engine):
    app = open_page("today", as_=person("Ana"))
    with transaction() as session:
        session.execute(update(SignIn).values(ended_at=datetime.now(UTC)))
    app.run()
    assert "signed out" in words(app)
    assert not app.title


def test_open_tab_ends_when_its_person_is_switched_off(app_database: Engine):
    app = open_page("today", as_=person("Ana"))
    with transaction() as session:
        session.execute(update(Person).values(active=False))
    assert "signed out" in words(app.run())


def test_token_is_shown_once_and_can_be_revoked(app_database: Engine):
    app = open_page("settings", as_=person("Ana"))
    app.text_input(key="settings.token_name").set_value("Nightly *export*")
    _button(app, "Create token").click().run()
    shown = app.code[0].value
    assert shown.startswith("csx_")
    assert "Nightly \\*export\\*" in words(app)
    app.run()
    assert not app.code
    with transaction(read_only=True) as session:
        token = session.query(ApiToken).one()
    app.button(key=f"settings.revoke.{token.id}").click().run()
    assert "no longer works" in words(app)
    with transaction(read_only=True) as session:
        assert session.query(ApiToken).one().revoked_at is not None
        assert [row.action for row in session.query(AuditEntry).order_by(AuditEntry.id)][-2:] == [
            "token.created",
            "token.revoked",
        ]


def test_signing_out_everywhere_says_that_tokens_go_on_and_ends_them_when_asked(
    app_database: Engine,
):
    app = open_page("settings", as_=person("Ana"))
    _button(app, "Create token").click().run()
    assert "Your API tokens are no browsers and go on" in words(app)
    app.checkbox(key="settings.out_tokens").check()
    _button(app, "Sign out everywhere").click().run()
    with transaction(read_only=True) as session:
        assert session.query(ApiToken).one().revoked_at is not None
        assert session.query(SignIn).one().ended_at is not None


def test_only_an_admin_edits_our_own_domains(app_database: Engine):
    assert not open_page("settings", as_=person("Ben")).text_area
    assert open_page("settings", as_=person("Ana", "admin")).text_area


def test_service_error_is_shown_and_nothing_is_kept(app_database: Engine):
    app = open_page("settings", as_=person("Ana", "admin"))
    app.text_area(key="settings.domains").set_value("not a domain!")
    _button(app, "Save domains").click().run()
    assert "is not a mail domain" in app.error[0].value


def test_demo_needs_no_sign_in_and_says_that_it_is_one(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    ana, ben = person("Ana", "admin"), person("Ben")
    monkeypatch.setenv("CSCX_DEMO", "1")
    settings.cache_clear()
    app = open_page("today", as_=None)
    assert "invented" in words(app)
    switch = app.selectbox(key="layout.demo_person")
    assert switch.value == ana
    switch.select(ben).run()
    assert app.selectbox(key="layout.demo_person").value == ben
    assert not app.exception


def _button(app: AppTest, label: str):
    return next(button for button in app.button if button.label == label)
