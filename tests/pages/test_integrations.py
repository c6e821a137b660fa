"""The Integrations page: for admins, with secrets shown once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.tables import HookDelivery, Integration
from services.hooks import deliveries, own_states
from tests.services.hooks.zoom_world import account, deliver, move
from tests.support.apptest import is_theirs, open_page, person, words


@pytest.fixture
def ada(app_database: Engine) -> int:
    return person("Ada", "admin", email="ada@ours.example")


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def codes(app: AppTest) -> list[str]:
    return [one.value for one in app.code]


def test_only_admins_find_it(app_database: Engine):
    assert not is_theirs("integrations", person("Ana"))
    assert is_theirs("integrations", person("Ada", "admin"))


def test_own_system_is_added_and_its_secret_is_shown_once(ada: int):
    app = open_page("integrations", as_=ada)
    assert "No system tells of anything yet" in words(app)
    next(one for one in app.selectbox if one.label == "System").set_value("signed").run()
    next(one for one in app.text_input if one.label == "Name").set_value("Our portal")
    press(app, "Add")
    assert not app.exception
    secrets = [code for code in codes(app) if code.startswith("whsec_")]
    assert len(secrets) == 1
    app.run()
    assert [code for code in codes(app) if code.startswith("whsec_")] == []
    assert "Our portal" in words(app)


def test_zoom_without_its_secret_is_refused_in_words(ada: int):
    app = open_page("integrations", as_=ada)
    next(one for one in app.text_input if one.label == "Name").set_value("Zoom")
    press(app, "Add")
    assert "Paste the secret token" in words(app)


def test_switching_renewing_and_removing(ada: int, app_database: Engine):
    shown = account(app_database, "skilljar")
    app = open_page("integrations", as_=ada)
    press(app, "Switch off")
    assert "Switched off" in words(app)
    press(app, "New address")
    assert shown.url not in codes(app)
    press(app, "Remove for good")
    with transaction(read_only=True) as session:
        assert session.scalars(select(Integration.state)).all() == ["removed"]


def test_failed_delivery_is_shown_with_its_reason_and_tried_again(ada: int, app_database: Engine):
    now = datetime.now(UTC)
    deliver(app_database, account(app_database, now=now), move("joined", "a@b.example", 0), now)
    with transaction() as session:
        number = session.scalars(select(HookDelivery.id)).one()
        deliveries.mark(session, [number], "failed", now=now, error="It has no date.")
    app = open_page("integrations", as_=ada)
    assert "1 failed" in words(app)
    assert app.dataframe[0].value["Reason"].to_list() == ["It has no date."]
    press(app, "Try again")
    assert "being taken in again" in words(app)
    with transaction(read_only=True) as session:
        assert session.scalars(select(HookDelivery.state)).one() == "new"


def test_check_says_what_is_wrong(ada: int, app_database: Engine):
    account(app_database)
    app = open_page("integrations", as_=ada)
    press(app, "Switch off")
    press(app, "Check")
    assert not app.exception
    assert "whatever is sent is refused" in words(app)
    assert "CSCX_BASE_URL" in words(app).replace("\\", "")


def test_second_webhooks_secret_is_added_and_forgotten(ada: int, app_database: Engine):
    account(app_database)
    app = open_page("integrations", as_=ada)
    next(one for one in app.text_input if one.label == "Its name").set_value("Ticket events")
    next(one for one in app.text_input if one.label == "Another secret").set_value(
        "test-second-one"
    )
    press(app, "Add secret")
    assert not app.exception
    assert "Ticket events" in words(app)
    assert "test-second-one" not in words(app)
    press(app, "Forget")
    assert "Ticket events" not in words(app)


def test_states_of_ones_own_are_named_where_they_are_counted(ada: int, app_database: Engine):
    with transaction() as session:
        row = Integration(
            vendor="freshdesk", name="Ours", address="a" * 30, options={}, state="ready",
            created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(row)
        session.flush()
        own_states.count_unnamed(row, {"Checked by QA": 3})
    app = open_page("integrations", as_=ada)
    waiting = next(one for one in app.selectbox if one.label == "Checked by QA, told 3 times")
    waiting.set_value("solved")
    next(one for one in app.text_input if one.label == "Another state").set_value("Parked")
    next(one for one in app.selectbox if one.label == "It means").set_value("on_hold")
    press(app, "Save states")
    assert not app.exception
    with transaction(read_only=True) as session:
        options = session.scalars(select(Integration.options)).one()
    assert options == {"states": {"Checked by QA": "solved", "Parked": "on_hold"}}
