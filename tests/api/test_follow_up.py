"""Follow-up and analysis by API."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from data.versions import ATTENDANCE, bump
from services.access import SYSTEM, tokens
from services.attendance import analysis as analyses
from services.attendance.analysis import Analysis, TicketEffect, with_tickets
from services.clock import utc_now
from services.ids import public_id
from tests.services.attendance.world import event, seat
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


def held(known: Portfolio, days: int = 40) -> str:
    with transaction() as session:
        number = event(session, utc_now() - timedelta(days=days))
        seat(session, number, known.techcorp, known.maria)
        seat(session, number, known.datapro, known.ines)
    return public_id("event", number)


def test_follow_up_is_drafted_once_for_the_own_customers(client: TestClient, known: Portfolio):
    number = held(known)
    answer = client.post(f"/events/{number}/follow-up")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["eventId"], said["drafts"]) == (number, 1)
    assert [one["customer"] for one in said["customers"]] == ["TechCorp"]
    assert said["customers"][0]["notifiedAt"]
    assert said["customers"][0]["draftedAt"]
    assert client.post(f"/events/{number}/follow-up").json()["drafts"] == 0


def test_event_to_come_or_unknown_is_refused(client: TestClient, known: Portfolio):
    assert client.post(f"/events/{held(known, days=-3)}/follow-up").status_code == 409
    assert client.post("/events/evt_999/follow-up").status_code == 404
    assert client.post("/events/cus_1/follow-up").status_code == 404


def test_analysis_gives_counts_beside_each_rate(client: TestClient, known: Portfolio):
    held(known)
    said = client.get("/events/analysis").json()
    assert (said["events"], said["seats"]) == (1, 1)
    assert (said["reach"]["hits"], said["reach"]["of"]) == (1, 1)
    assert said["lift"]["points"] is None
    assert said["months"][0]["seats"] == 1
    (worth,) = said["worth"]
    assert (worth["currency"], worth["costCurrency"], worth["returnMiddle"]) == ("USD", "USD", None)
    training = said["training"]
    assert (training["events"], training["completed"]["of"], training["ticketsSince"]) == (
        0,
        0,
        None,
    )
    assert (training["tickets"]["points"], training["tickets"]["tickets"]) == (None, 0)
    assert client.get("/events/analysis", params={"type": "training"}).json()["events"] == 0
    assert client.get("/events/analysis", params={"days": 0}).status_code == 422


def test_analysis_is_worked_out_anew_when_facts_have_changed(
    client: TestClient, known: Portfolio, monkeypatch: pytest.MonkeyPatch
):
    asked: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> tuple[Analysis, TicketEffect]:
        asked.append(1)
        return with_tickets(*args, **kwargs)

    monkeypatch.setattr(analyses, "with_tickets", counted)
    held(known)
    first = client.get("/events/analysis").json()
    assert client.get("/events/analysis").json() == first
    assert len(asked) == 1
    assert client.get("/events/analysis", params={"days": 30}).json()["events"] == 0
    held(known, days=20)
    with transaction() as session:
        bump(session, ATTENDANCE)
    assert client.get("/events/analysis").json()["events"] == 2


def test_without_a_token_nothing_is_said(client: TestClient):
    del client.headers["Authorization"]
    assert client.get("/events/analysis").status_code == 401
