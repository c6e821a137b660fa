"""Risk signals and advocacy by API."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from services.access import SYSTEM, tokens
from services.clock import utc_now
from services.scoring import risk
from services.scoring.board import recompute
from tests.services.scoring.fading import FADING, STEADY, fading_world, record_fading
from tests.services.scoring.recorded import ANA, BEN


def client_of(person_id: int) -> TestClient:
    with transaction() as session:
        token = tokens.create_token(session, "test", by=SYSTEM, now=utc_now(), person_id=person_id)
    made = TestClient(api, raise_server_exceptions=False)
    made.headers["Authorization"] = f"Bearer {token}"
    return made


@pytest.fixture
def scored(app_database: Engine) -> Engine:
    now = utc_now()
    with transaction() as session:
        record_fading(session, fading_world(now.date()))
    with transaction() as session:
        recompute(session, now=now)
        risk.detect(session, now=now)
    return app_database


def test_risk_signals_are_ones_own(scored: Engine):
    said = client_of(ANA).get("/risk-signals").json()
    assert said["total"] == 1
    (signal,) = said["signals"]
    assert (signal["customer_id"], signal["level"]) == (f"cus_{FADING}", "alert")
    assert (signal["missed_in_row"], signal["current_visits"]) == (7, 4)
    assert client_of(BEN).get("/risk-signals").json()["total"] == 0
    assert client_of(ANA).get("/risk-signals", params={"level": "watch"}).json()["total"] == 0
    assert client_of(ANA).get("/risk-signals", params={"state": "odd"}).status_code == 422


def test_opportunities_are_made_of_candidates_once(scored: Engine):
    ben = client_of(BEN)
    best = ben.get("/advocacy").json()["candidates"][0]
    assert best["customer_id"] == f"cus_{STEADY}"
    made = ben.post("/advocacy", json={"top": 1})
    assert made.status_code == 201
    assert made.json()[0]["customer_id"] == f"cus_{STEADY}"
    again = ben.post("/advocacy", json={"customers": [f"cus_{STEADY}"]})
    assert again.status_code in (400, 422)
    said = ben.get("/advocacy").json()
    assert len(said["opportunities"]) == 1
    assert said["conversion"] == {"agreed": 0, "asked": 0, "share": None, "low": None, "high": None}


@pytest.mark.parametrize("body", [{}, {"top": 1, "customers": ["cus_2"]}, {"top": 0}])
def test_what_is_wanted_must_be_clear(scored: Engine, body: dict):
    assert client_of(BEN).post("/advocacy", json=body).status_code in (400, 422)


def test_without_a_token_nothing_is_said(scored: Engine):
    bare = TestClient(api, raise_server_exceptions=False)
    assert bare.get("/risk-signals").status_code == 401
    assert bare.post("/advocacy", json={"top": 1}).status_code == 401
