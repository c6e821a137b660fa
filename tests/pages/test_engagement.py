"""The Engagement page, through the router, on portfolios of every size."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from streamlit.testing.v1 import AppTest

from data.db import transaction
from data.tables import Attendance
from services.clock import utc_now
from services.scoring.board import recompute
from tests.services.scoring.recorded import ADMIN, ANA, BEN, busy_world, record, record_many
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import customer, event, seat
from tests.support.apptest import open_page, person, words

pytestmark = pytest.mark.one_database


def today():
    return utc_now().date()


def grid(app: AppTest) -> list[dict[str, Any]]:
    """The rows of the leaderboard as sent to the browser."""
    arguments = json.loads(app.get("component_instance")[0].proto.json_args)
    return json.loads(arguments["gridOptions"]["rowData"])


@pytest.fixture
def scored(app_database: Engine) -> Engine:
    with transaction() as session:
        record(session, busy_world(today()))
    with transaction() as session:
        recompute(session, now=utc_now())
    return app_database


def five_customers(app_database: Engine, held_ago: int = 3) -> None:
    day = today() - timedelta(days=held_ago)
    events = [event(n, day - timedelta(days=n)) for n in range(1, 7)]
    seats = [seat(who, n, 0, minutes=50.0) for who in range(1, 5) for n in range(1, who + 2)]
    accounts = [customer(1, name="A *bold* <b>name</b> :material/home: $x$ [l](http://x)")]
    accounts += [customer(n) for n in range(2, 6)]
    with transaction() as session:
        record(session, World(seats, events, accounts, day))
    with transaction() as session:
        recompute(session, now=utc_now())


def test_an_empty_installation_is_told_what_to_do(app_database: Engine):
    app = open_page("engagement", as_=person("Ada", "admin"))
    assert not app.exception
    assert "No board yet" in words(app)
    assert "Upload" in words(app)


def test_five_customers_are_ranked_and_counted(app_database: Engine):
    five_customers(app_database)
    app = open_page("engagement", as_=ADMIN)
    assert not app.exception
    rows = grid(app)
    assert [row["Rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["Events"] for row in rows] == ["5/6", "4/6", "3/6", "2/6", "0/6"]
    assert rows[0]["Last 12 months"].count("█") >= 1
    assert "Customers 5" in words(app)


def test_ten_thousand_customers_come_a_page_at_a_time(app_database: Engine):
    with transaction() as session:
        record_many(session, 10_000, as_of=today())
    with transaction() as session:
        recompute(session, now=utc_now())
    app = open_page("engagement", as_=ADMIN)
    assert not app.exception
    assert len(grid(app)) == 100
    assert "Customers 10,000" in words(app)


def test_a_csm_sees_the_own_portfolio_alone(scored: Engine):
    rows = grid(open_page("engagement", as_=ANA))
    assert {row["customer_id"] % 2 for row in rows} == {1}
    assert [row["Rank"] for row in rows] == list(range(1, 16))


def test_filters_in_the_address_are_those_of_the_board(scored: Engine):
    app = open_page(
        "engagement", as_=ADMIN, **{"engagement.band": "Low", "engagement.search": "er 1"}
    )
    assert grid(app)
    assert all(row["Band"].endswith("Low") for row in grid(app))
    assert all("er 1" in row["Customer"] for row in grid(app))


def test_filters_that_nobody_fits_say_so(scored: Engine):
    app = open_page("engagement", as_=ADMIN, **{"engagement.search": "nobody is called that"})
    assert not app.exception
    assert "No customer fits" in words(app)


def test_a_day_in_the_address_shows_the_board_of_that_day(scored: Engine):
    day = today() - timedelta(days=150)
    now_rows = grid(open_page("engagement", as_=ADMIN))
    app = open_page("engagement", as_=ADMIN, **{"engagement.day": day.isoformat()})
    assert f"{day.day} {day:%b %Y}" in words(app)
    assert grid(app) != now_rows


def test_a_file_from_last_year_shows_last_years_board(app_database: Engine):
    five_customers(app_database, held_ago=300)
    app = open_page("engagement", as_=ADMIN)
    assert "The last event on record was on" in words(app)
    assert grid(app)[0]["Score"] not in {"0", "No data"}


def test_deep_link_opens_the_why(scored: Engine):
    top = grid(open_page("engagement", as_=ANA))[0]
    app = open_page("engagement", as_=ANA, customer=f"cus_{top['customer_id']}")
    assert not app.exception
    said = words(app)
    assert f"Score {top['Score']}" in said
    assert "Rank 1 of 15" in said
    assert "Trend:" in said


@pytest.mark.parametrize("asked", ["cus_2", "cus_999999", "evt_1", "nonsense", "cus_0", "<b>"])
def test_deep_link_to_somebody_elses_customer_tells_nothing(scored: Engine, asked: str):
    app = open_page("engagement", as_=ANA, customer=asked)
    assert not app.exception
    assert app.warning
    assert "Trend:" not in words(app)
    assert "Customer 02" not in words(app)


def test_names_from_outside_are_shown_as_they_are(app_database: Engine):
    five_customers(app_database)
    app = open_page("engagement", as_=ANA, customer="cus_1")
    assert not app.exception
    assert any(row["Customer"].startswith("A *bold* <b>") for row in grid(app))
    assert "[l](http" not in words(app)


@pytest.mark.parametrize("split", ["Everyone", "By segment", "By CSM"])
def test_distribution_is_drawn_with_counts(scored: Engine, split: str):
    app = open_page(
        "engagement", as_=ADMIN, **{"engagement.view": "Distribution", "engagement.split": split}
    )
    assert not app.exception
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    texts = [text for trace in figure["data"] for text in trace["text"] if text]
    assert any("%)" in text for text in texts)
    table = app.dataframe[0].value
    assert int(table["Customers"].sum()) == sum(
        row["Score"] != "No data" for row in grid(open_page("engagement", as_=ADMIN))
    )


def test_another_person_in_the_same_process_gets_their_own_board(scored: Engine):
    first = grid(open_page("engagement", as_=ANA))
    second = grid(open_page("engagement", as_=BEN))
    assert {row["customer_id"] for row in first}.isdisjoint(row["customer_id"] for row in second)


def test_new_facts_are_on_the_board_at_the_next_run(scored: Engine):
    app = open_page("engagement", as_=ADMIN)
    before = grid(app)
    with transaction() as session:
        session.execute(delete(Attendance))
    with transaction() as session:
        recompute(session, now=utc_now())
    app.run()
    assert before != grid(app)
    assert {row["Score"] for row in grid(app)} <= {"0", "No data"}
