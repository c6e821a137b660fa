from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine

from components import state
from data.db import transaction
from services.attendance.analysis import report
from services.clock import utc_now
from tests.services.attendance.world import event, seat
from tests.support.apptest import open_page, person, words
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database

VIEWS = ("Trends", "Topics", "Reach", "Lift", "Value by segment", "Training", "Follow-up")


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    now = utc_now()
    with transaction() as session:
        made = portfolio(session, now)
        for weeks, kind in ((1, "webinar"), (8, "training"), (30, "webinar")):
            number = event(session, now - timedelta(weeks=weeks), f"Event {weeks}", type=kind)
            seat(session, number, made.techcorp, made.maria, questions=1)
    return made


def test_nothing_on_record_says_when_there_will_be_something(app_database: Engine):
    app = open_page("event_analysis", person("Dana"))
    assert not app.exception
    assert "Nothing to analyse yet" in words(app)


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_drawn(known: Portfolio, view: str):
    app = open_page("event_analysis", known.ada, **{"event_analysis.view": view})
    assert not app.exception
    assert "not enough data" in {one.delta for one in app.metric}


@pytest.mark.parametrize("view", ["Trends", "Topics", "Reach", "Follow-up"])
def test_what_a_view_does_not_show_is_not_worked_out(
    known: Portfolio, monkeypatch: pytest.MonkeyPatch, view: str
):
    worked_out: list[str] = []
    for name in ("lifts", "training"):
        told = partial(worked_out.append, name)
        monkeypatch.setattr(report, name, lambda *_, told=told, **__: told())
    app = open_page("event_analysis", known.ada, **{"event_analysis.view": view})
    assert not app.exception
    assert app.metric
    assert worked_out == []


def test_two_customers_are_too_few_for_a_lift(known: Portfolio):
    app = open_page("event_analysis", known.ada, **{"event_analysis.view": "Lift"})
    assert "Not enough data" in app.dataframe[0].value["Lift"].tolist()[0]


def test_trainings_say_why_there_is_no_change_of_tickets(known: Portfolio):
    app = open_page("event_analysis", known.ada, **{"event_analysis.view": "Training"})
    assert "no tickets are on record yet" in words(app)
    (row,) = app.dataframe[1].value.to_dict("records")
    assert row["Topic"] == "All"
    assert "Not enough data (0 came, 0 did not, 0 tickets" in row["Change"]


def test_filter_in_the_address_counts(known: Portfolio):
    app = open_page(
        "event_analysis",
        known.ada,
        **{"event_analysis.type": "Training", "event_analysis.view": "Topics"},
    )
    assert app.dataframe[0].value["Seats"].tolist() == [1]


@pytest.mark.parametrize("what", ["lift", "seats"])
def test_rows_behind_a_figure_are_read_once_they_are_opened(known: Portfolio, what: str):
    view = {"lift": "Lift", "seats": "Trends"}[what]
    app = open_page("event_analysis", known.ada, **{"event_analysis.view": view})
    assert len(app.dataframe) == 1
    app.session_state[state.key("event_analysis", f"rows.{what}")] = True
    app.run()
    assert not app.exception
    assert len(app.dataframe) == 2
    assert ("3 rows" if what == "seats" else "0 rows") in words(app)
