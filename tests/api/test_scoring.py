"""A customer's engagement by API."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from services.access import SYSTEM, tokens
from services.clock import utc_now
from services.scoring.board import board, recompute
from tests.services.scoring.recorded import ANA, ANAS, busy_world, record


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    """As Ana, who has the customers with odd ids."""
    now = utc_now()
    with transaction() as session:
        record(session, busy_world(now.date()))
        token = tokens.create_token(session, "test", by=SYSTEM, now=now, person_id=ANA)
    with transaction() as session:
        recompute(session, now=now)
    with TestClient(api, raise_server_exceptions=False) as made:
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


def get(client: TestClient, customer: str, **query: str) -> Any:
    return client.get(f"/events/{customer}/engagement", params=query)


def test_engagement_says_what_the_board_says(client: TestClient):
    today = utc_now().date()
    with transaction(read_only=True) as session:
        rows = board(session, ANAS, as_of=today).rows
    for row in rows.head(5).iter_rows(named=True):
        answer = get(client, f"cus_{row['customer_id']}")
        assert answer.status_code == 200
        said = answer.json()
        assert (said["score"], said["band"], said["rank"]) == (
            row["score"],
            row["band"],
            row["rank"],
        )
        assert (said["of"], said["as_of"]) == (15, today.isoformat())
        points = sum(part["points"] for part in said["components"].values())
        assert points == pytest.approx(said["score"], abs=0.6)
        frequency = said["components"]["frequency"]
        assert frequency["facts"] == {"attended": row["attended"], "eligible": row["eligible"]}


def test_another_day_gives_another_answer(client: TestClient):
    day = (utc_now().date() - timedelta(days=200)).isoformat()
    past = get(client, "cus_1", as_of=day).json()
    assert past["as_of"] == day
    assert past["months"] != get(client, "cus_1").json()["months"]


@pytest.mark.parametrize("customer", ["cus_2", "cus_99999", "evt_1", "1", "cus_0"])
def test_foreign_and_unknown_customers_are_not_found(client: TestClient, customer: str):
    answer = get(client, customer)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Customer 02" not in answer.text


@pytest.mark.parametrize("day", ["tomorrow", "2999-01-01", "1066-10-14"])
def test_a_day_that_cannot_be_scored_is_refused(client: TestClient, day: str):
    answer = get(client, "cus_1", as_of=day)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_token_there_is_no_answer(client: TestClient):
    del client.headers["Authorization"]
    assert get(client, "cus_1").status_code == 401
