"""Weights in the app: edited, tried out, published, taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from data.db import transaction
from services.clock import utc_now
from services.scoring.board import recompute
from services.scoring.published import current
from services.scoring.weights import Weights
from tests.services.scoring.recorded import ADMIN, ANA, busy_world, record
from tests.support.apptest import open_page, words


@pytest.fixture
def scored(app_database: Engine) -> Engine:
    with transaction() as session:
        record(session, busy_world(utc_now().date()))
    with transaction() as session:
        recompute(session, now=utc_now())
    return app_database


def set_weights(app: AppTest, **points: int) -> AppTest:
    for component, value in points.items():
        key = f"scoring_settings.{in_force()}.all.{component}"
        app.number_input(key=key).set_value(value)
    return app.run()


def in_force() -> int:
    with transaction(read_only=True) as session:
        return current(session)[0]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_total_is_shown_and_nothing_can_be_published_before_it_is_a_hundred(scored: Engine):
    app = set_weights(open_page("scoring_settings", as_=ADMIN), frequency=40)
    assert not app.exception
    assert "Total 110: take away 10" in words(app)
    assert not any(button.label.startswith("Publish") for button in app.button)


def test_what_would_change_is_shown_before_publishing(scored: Engine):
    app = set_weights(open_page("scoring_settings", as_=ADMIN), frequency=50, recency=5)
    assert not app.exception
    assert "would change band" in words(app)
    assert in_force() == 0


def test_publishing_and_going_back(scored: Engine):
    app = set_weights(open_page("scoring_settings", as_=ADMIN), frequency=50, recency=5)
    app.text_input(key="scoring_settings.note").set_value("Come more often")
    app = press(app, "Publish and score everybody anew")
    assert not app.exception
    assert "Published" in words(app)
    assert "Come more often" in words(app)
    with transaction(read_only=True) as session:
        assert current(session)[1].default == Weights(50, 5, 20, 15, 10)
    app = press(app, "Go back")
    assert in_force() == 2
    with transaction(read_only=True) as session:
        assert current(session)[1].default == Weights()
    assert [field.value for field in app.number_input][:5] == [30, 25, 20, 15, 10]


def test_a_segment_gets_weights_of_its_own(scored: Engine):
    app = open_page("scoring_settings", as_=ADMIN)
    app.multiselect(key="scoring_settings.0.segments").set_value(["small"]).run()
    app.number_input(key="scoring_settings.0.own.small.frequency").set_value(10)
    app.number_input(key="scoring_settings.0.own.small.depth").set_value(35)
    app = press(app.run(), "Publish and score everybody anew")
    assert not app.exception
    with transaction(read_only=True) as session:
        book = current(session)[1]
    assert dict(book.by_segment) == {"small": Weights(10, 25, 20, 35, 10)}


def test_a_csm_may_try_but_not_publish(scored: Engine):
    app = set_weights(open_page("scoring_settings", as_=ANA), frequency=50, recency=5)
    assert not app.exception
    assert "Ask an admin" in words(app)
    assert not any(button.label.startswith(("Publish", "Go back")) for button in app.button)
