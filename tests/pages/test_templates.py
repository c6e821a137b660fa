"""Mail templates in the app: looked at, tried, saved, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import streamlit as st
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from components.text import plain
from data.db import transaction
from services import rendering
from services.access.people import viewer_by_id
from services.rendering import versions
from services.rendering.catalogue import file_words
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database

KEY = "spine/personal"
OWN = file_words(KEY)


@pytest.fixture
def admin(app_database: Engine) -> int:
    return person("Ada Admin", "admin")


def opened(as_: int, key: str = KEY) -> AppTest:
    app = open_page("templates", as_=as_, template=key)
    assert not app.exception
    return app


def type_subject(app: AppTest, subject: str, version: int = 0) -> AppTest:
    app.text_input(key=f"templates.{KEY}.{version}.subject").set_value(subject)
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    app = next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_everybody_reads_and_may_try_but_not_save(app_database: Engine):
    app = opened(person("Ana Csm"))
    assert "Your questions from Tuesday" in words(app)
    app = type_subject(app, "Re: {{ subject }}")
    assert "Re: Your questions from Tuesday" in words(app)
    assert "Ask an admin" in words(app)
    assert not any(label.startswith(("Save", "Use")) for label in labels(app))


FIRST_OF_EACH = {info.key.partition("/")[0]: info.key for info in reversed(rendering.catalogue())}


@pytest.mark.parametrize("key", FIRST_OF_EACH.values())
def test_address_leads_to_each_template(admin: int, key: str):
    app = opened(admin, key)
    assert app.selectbox(key="templates.template").value == key
    assert plain(rendering.info(key).about) in words(app)


def test_an_address_of_no_template_leads_to_the_first(admin: int):
    app = opened(admin, "spine/nothing")
    assert app.selectbox(key="templates.template").value == rendering.catalogue()[0].key


def test_saving_and_going_back(admin: int):
    app = type_subject(opened(admin), "{{ subject }}, {{ first_name }}")
    app.text_input(key="templates.note").set_value("Say the *name*")
    app = press(app, "Save and use for new mails")
    assert "Saved" in words(app)
    assert "Your questions from Tuesday, Maria" in words(app)
    assert "Say the \\*name\\*" in words(app)
    app = press(app, "Use")
    with transaction(read_only=True) as session:
        assert versions.version_in_use(session, KEY) == 0
        assert len(versions.versions(session, KEY)) == 2


def test_without_a_reason_nothing_is_saved(admin: int):
    app = press(type_subject(opened(admin), "Re: {{ subject }}"), "Save and use for new mails")
    assert "Say why" in words(app)
    with transaction(read_only=True) as session:
        assert versions.version_in_use(session, KEY) == 0


def test_words_that_cannot_be_used_are_refused_while_they_are_typed(admin: int):
    app = type_subject(opened(admin), "{{ subject }} {{ nobody }}")
    assert "nobody is missing" in words(app).replace("\\", "")
    assert "Save and use for new mails" not in labels(app)


def test_what_differs_from_the_products_words_is_shown(admin: int):
    app = type_subject(opened(admin), "Re: {{ subject }}")
    shown = "\n".join(block.value for block in app.code)
    assert "- {{ subject }}" in shown
    assert "+ Re: {{ subject }}" in shown


def test_the_second_of_two_editors_is_told(admin: int):
    app = type_subject(opened(admin), "Re: {{ subject }}")
    with transaction() as session:
        by = viewer_by_id(session, admin, datetime(2026, 11, 21, tzinfo=UTC))
        assert by is not None
        other = rendering.Words("About: {{ subject }}", OWN.text, OWN.html)
        now = datetime(2026, 11, 21, tzinfo=UTC)
        versions.save(session, KEY, other, note="Other", based_on=0, by=by, now=now)
    app.text_input(key="templates.note").set_value("Mine")
    app = press(app, "Save and use for new mails")
    assert "Somebody else" in words(app)
    assert app.text_input(key=f"templates.{KEY}.0.subject").value == "Re: {{ subject }}"
    app = press(app, "Start from their words")
    assert app.text_input(key=f"templates.{KEY}.1.subject").value == "About: {{ subject }}"
    assert "Somebody else" not in words(app.run())
    with transaction(read_only=True) as session:
        assert rendering.render(session, KEY, rendering.info(KEY).sample).subject.startswith(
            "About:"
        )


def test_html_in_words_is_shown_without_its_harm(admin: int):
    app = opened(admin)
    html = (
        OWN.html
        + "<script>alert(1)</script><p>Bye<img src='https://evil.example' onerror=alert(1)></p>"
    )
    app.text_area(key=f"templates.{KEY}.0.html").set_value(html)
    app.run()
    assert not app.exception
    drawn = "".join(str(block.proto.body) for block in app.get("html"))
    assert "<p>Bye</p>" in drawn
    assert "alert" not in drawn


def test_update_of_the_app_shows_what_it_changed_under_our_words(
    admin: int, monkeypatch: pytest.MonkeyPatch
):
    app = type_subject(opened(admin), "{{ subject }}, {{ first_name }}")
    app.text_input(key="templates.note").set_value("Say the name")
    app = press(app, "Save and use for new mails")
    assert "have changed since these were saved" not in words(app)

    newer = replace(OWN, subject="{{ subject }} for you")
    monkeypatch.setattr(versions, "file_words", lambda _key: newer)
    st.cache_data.clear()  # files change with a new start of the app
    csm = opened(person("Ana Csm"))
    assert "have changed since these were saved" in words(csm)
    assert "Keep ours as they are" not in labels(csm)

    app = opened(admin, "spine/test")
    assert plain(rendering.info(KEY).title) in words(app)
    app = opened(admin)
    shown = "".join(str(block.value) for block in app.code)
    assert "- {{ subject }}\n+ {{ subject }} for you" in shown
    app = press(app, "Keep ours as they are")
    assert "have changed since these were saved" not in words(app)
    with transaction(read_only=True) as session:
        assert (
            rendering.render_sample(session, KEY, 1).subject == "Your questions from Tuesday, Maria"
        )
