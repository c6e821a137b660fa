from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from components.event_analysis import between
from components.impact import made_of
from components.text import money, plain
from data.db import transaction
from data.tables import Customer
from services.clock import utc_now
from services.impact import METRICS
from services.impact.figures import Figure, judged
from tests.services.attendance.world import event, seat
from tests.services.impact.test_impact import signal
from tests.support.apptest import is_theirs, open_page, person, words
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database
VIEWS = ("Success", "Value of events", "Topics", "Training", "Load and promises", "At risk")


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    now = utc_now()
    with transaction() as session:
        made = portfolio(session, now)
        number = event(session, now - timedelta(weeks=2), "Webinar")
        seat(session, number, made.techcorp, made.maria)
        session.add(signal(made.techcorp, now - timedelta(days=9)))
    return made


def test_every_promised_figure_has_a_tile_that_says_what_is_missing(known: Portfolio):
    app = open_page("impact", known.morgan)
    assert not app.exception
    assert [one.label for one in app.metric] == [one.title for one in METRICS]
    assert {one.value for one in app.metric} == {"–"}
    assert words(app).count("not enough data") == len(METRICS)


def test_where_no_figure_can_be_told_it_says_what_to_do(known: Portfolio):
    app = open_page("impact", known.morgan)
    assert "No figure can be told yet" in words(app)
    assert "Upload what there is" in words(app)
    assert [one.proto.label for one in app.get("page_link")] == ["Go to Upload"]


def test_what_counts_on_both_sides_says_so(known: Portfolio):
    (lift,) = [one for one in METRICS if one.on_both_sides]
    figure = Figure(0.2, 0.1, 0.3, "20% → 30%", "20% → 25%", 15_293, 6_593)
    said = made_of(judged(lift.key, figure, lift.aim), lift)
    assert "n = 15,293 (a customer may be on both sides); " in said
    (other,) = [one for one in METRICS if one.key == "list_lift"]
    assert "both sides" not in made_of(judged(other.key, figure, other.aim), other)


@pytest.mark.parametrize("key", ["engagement_lift", "coverage"])
def test_figure_is_downloaded_from_where_it_is_opened(known: Portfolio, key: str):
    app = open_page("impact", known.morgan, metric=key, **{"impact.days": "90"})
    labels = [one.proto.label for one in app.get("download_button")]
    assert labels == ["Download Excel", "Download CSV"]


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_drawn(known: Portfolio, view: str):
    app = open_page("impact", known.ada, **{"impact.view": view})
    assert not app.exception
    expected = {"At risk": "ARR at risk", "Load and promises": "What waits", "Topics": "Impact"}
    assert expected.get(view, "Impact") in words(app)


def test_long_name_of_a_customer_at_risk_leaves_room_for_the_other_columns(known: Portfolio):
    app = open_page("impact", known.ada, **{"impact.view": "At risk"})
    (table,) = app.dataframe
    assert table.value["Customer"].to_list() == ["TechCorp"]
    assert json.loads(table.proto.columns)["Customer"]["width"] == 136


@pytest.mark.parametrize("key", [one.key for one in METRICS])
def test_address_opens_a_figure_with_its_rows(known: Portfolio, key: str):
    app = open_page("impact", known.morgan, metric=key)
    assert not app.exception
    (metric,) = [one for one in METRICS if one.key == key]
    assert [one.label for one in app.metric] == [metric.title]
    assert "The rows it is made of" in words(app)


def test_address_with_an_unknown_figure_says_so(known: Portfolio):
    app = open_page("impact", known.ada, metric="happiness")
    assert not app.exception
    assert "There is no such figure" in words(app)


def test_print_has_every_block_on_one_page(known: Portfolio):
    app = open_page("impact", known.ada, **{"impact.print": "true"})
    assert not app.exception
    assert [one.value for one in app.header] == list(VIEWS)
    assert len(app.table) >= 3


def test_print_takes_no_word_of_others_for_markdown(known: Portfolio):
    name = "# Head :red[x] ![i](/icon.png) *LLC* $5 and $6"
    with transaction() as session:
        session.execute(update(Customer).where(Customer.id == known.techcorp).values(name=name))
    app = open_page("impact", known.ada, **{"impact.print": "true"})
    (at_risk,) = [one.value for one in app.table if "Days without a word" in one.value.columns]
    assert at_risk["Customer"].to_list() == [plain(name)]
    assert at_risk["ARR"].to_list() == [plain("$250K")]


def test_a_loss_does_not_read_as_a_range():
    ends = (money(-54_800.0), money(-8_300.0), money(54_600.0))
    assert between(*ends) == "-$8.3K (-$54.8K to $54.6K)"


def test_empty_house_teaches_what_to_do(app_database: Engine):
    app = open_page("impact", person("Mona", "manager"), **{"impact.print": "true"})
    assert not app.exception
    assert "load customers first" in words(app)


def test_who_leads_nobody_has_no_such_page(known: Portfolio):
    assert not is_theirs("impact", known.dana)
