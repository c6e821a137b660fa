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


def test_event_is_planned_changed_and_called_off(client: TestClient):
    start = utc_now().replace(microsecond=0) + timedelta(days=40)
    body = {
        "name": "Advisory board", "type": "roundtable", "startsAt": start.isoformat(),
        "endsAt": (start + timedelta(hours=2)).isoformat(), "zone": "America/New_York",
        "city": "New York", "country": "United States", "virtual": False, "capacity": 12,
        "sessions": [{"title": "Roadmap", "topics": ["Roadmap"]}],
        "offers": [{"title": "Dinner", "deadline": start.date().isoformat()}],
    }  # fmt: skip
    made = client.post("/events", json=body)
    assert made.status_code == 201
    shown = made.json()
    assert (shown["status"], shown["freeSeats"], shown["registered"]) == ("planned", 12, 0)
    assert (round(shown["latitude"]), shown["warnings"]) == (41, [])
    found = client.get(f"/events/{shown['eventId']}").json()
    assert found == shown
    keys = ("eventId", "status", "cancelledWhy", "invited", "registered", "freeSeats", "warnings")
    later = {name: value for name, value in found.items() if name not in keys}
    later["startsAt"] = (start + timedelta(hours=1)).isoformat()
    moved = client.put(f"/events/{shown['eventId']}", json=later).json()
    assert (moved["withdrawn"], moved["notes"], moved["draftedAnew"]) == (0, 0, 0)
    again = client.get(f"/events/{shown['eventId']}").json()
    assert again["sessions"][0]["id"] == found["sessions"][0]["id"]
    off = client.post(f"/events/{shown['eventId']}/cancel", json={"why": "Too few"})
    assert (off.status_code, off.json()["calls"]) == (200, 0)
    assert client.post(f"/events/{shown['eventId']}/cancel", json={"why": "x"}).status_code == 409
    assert client.put(f"/events/{shown['eventId']}", json=later).status_code == 409


def test_city_that_nobody_finds_is_kept_with_a_warning_until_it_has_coordinates(client: TestClient):
    start = (utc_now() + timedelta(days=40)).isoformat()
    body = {"name": "Advisory board", "startsAt": start, "city": "Ausstin", "virtual": False}
    made = client.post("/events", json=body).json()
    [warning] = made["warnings"]
    assert warning["field"] == "city"
    assert "Ausstin is in no list of cities" in warning["message"]
    address = f"/events/{made['eventId']}"
    assert client.get(address).json()["warnings"] == [warning]
    assert client.put(address, json=body).json()["warnings"] == [warning]
    placed = body | {"latitude": 30.3, "longitude": -97.7}
    assert client.put(address, json=placed).json()["warnings"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"startsAt": "2027-01-01T10:00:00"}, {"zone": "Mars/Base"},
        {"type": "party"}, {"capacity": 0}, {"latitude": 5}, {"joinUrl": "javascript:alert(1)"},
        {"virtual": False}, {"owner": "me"}, {"sessions": [{"title": ""}]},
        {"name": "x" * 10_000}, {"capacity": 10**30}, {"startsAt": "9999-12-31T23:59:59-12:00"},
        {"offers": [{"title": "x" * 5_000}]}, {"place": "a\u0000"},
    ],
)  # fmt: skip
def test_event_that_cannot_be_is_refused_with_what_to_change(
    client: TestClient, wrong: dict[str, object]
):
    start = (utc_now() + timedelta(days=40)).isoformat()
    answered = client.post("/events", json={"name": "Advisory board", "startsAt": start} | wrong)
    assert answered.status_code == 422, answered.text
    assert answered.json()["detail"]
