"""Rankings and invitations by API."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from services.access import SYSTEM, tokens
from services.clock import utc_now
from services.ids import public_id
from tests.services.invitations.world import summit
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


@pytest.fixture
def client(known: Portfolio) -> Generator[TestClient]:
    """As Dana."""
    with transaction() as session:
        token = tokens.create_token(
            session, "test", by=SYSTEM, now=utc_now(), person_id=known.dana.person_id
        )
    with TestClient(api, raise_server_exceptions=False) as made:
        made.headers["Authorization"] = f"Bearer {token}"
        yield made


@pytest.fixture
def event(known: Portfolio) -> str:
    with transaction() as session:
        return public_id("event", summit(session, utc_now() + timedelta(days=20), known.dana))


def test_own_customers_are_ranked_invited_and_looked_back_at(
    client: TestClient, known: Portfolio, event: str
):
    ranked = client.get(f"/events/{event}/relevant-customers").json()
    mine, theirs = public_id("customer", known.techcorp), public_id("customer", known.datapro)
    assert [one["customerId"] for one in ranked["customers"]] == [mine]
    assert 0 < ranked["customers"][0]["chance"] < 1
    advised = client.get("/events/recommendations").json()
    assert [one["eventId"] for one in advised] == [event]
    body = {"eventId": event, "customerIds": [mine]}
    made = client.post("/events/invitations", json=body).json()
    assert (len(made["invitations"]), made["leftOut"]) == (1, [])
    again = client.post(f"/events/{event}/invite", json={"customerIds": [mine]}).json()
    assert again["leftOut"] == [{"customerId": mine, "reason": "Invited already."}]
    told = client.get(f"/customers/{mine}/event-history").json()
    assert [one["person"] for one in told["invitations"]] == ["Maria Lopez"]
    assert told["attendance"] == []
    refused = client.post(f"/events/{event}/invite", json={"customerIds": [theirs]})
    assert refused.status_code == 404
