"""Times stand in the reader's zone, with its name, on whatever screen."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from streamlit.runtime.context import ContextProxy

from data.db import transaction
from data.tables import ApiToken, Person
from tests.support.apptest import open_page, person, words

AT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.fixture
def ada(app_database: Engine) -> int:
    number = person("Ada", "admin", email="ada@ours.example")
    with transaction() as session:
        session.get_one(Person, number).time_zone = "Asia/Tokyo"
    return number


@pytest.mark.parametrize(("key", "column"), [("people", "Last signed in"), ("audit_log", "at")])
def test_tables_tell_moments_on_the_readers_clock_and_say_so(ada: int, key: str, column: str):
    app = open_page(key, ada)
    drawn = json.loads(app.dataframe[0].proto.columns)[column]["type_config"]
    assert drawn["timezone"] == "Asia/Tokyo"
    assert "Times in Asia/Tokyo." in words(app)


def test_list_tells_moments_on_the_readers_clock(ada: int):
    with transaction() as session:
        session.add(
            ApiToken(
                person_id=ada,
                name="BI",
                prefix="abc",
                token_hash="x",
                scopes=["read"],
                created_at=AT,
            )
        )
    assert "21 Nov 2026, 07\\:30 JST" in words(open_page("settings", ada))


def test_who_chose_no_zone_has_that_of_the_browser(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "Europe/Berlin"))
    app = open_page("people", person("Ada", "admin", email="ada@ours.example"))
    assert "Times in Europe/Berlin." in words(app)
    monkeypatch.setattr(ContextProxy, "timezone", property(lambda _: "Mars/Olympus"))
    assert "Times in UTC." in words(app.run())
