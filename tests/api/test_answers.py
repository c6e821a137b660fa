"""The page on which an invited person answers, as readers and scanners ask for it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import answers as routes
from api.hits import Hits
from api.site import MIDDLEWARE, ROUTES
from data.db import transaction
from data.tables import Event, Invitation, Registration
from tests.services.invitations.world import invited, summit
from tests.support.portfolio import portfolio


@pytest.fixture
def token(app_database: Engine) -> str:
    now = datetime.now(UTC)
    with transaction() as session:
        known = portfolio(session, now)
        event = summit(session, now + timedelta(days=20), known.dana, name="Summit <b>26</b>")
        return invited(session, known, event, known.maria, now).token


@pytest.fixture
def visitor(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Generator[TestClient]:
    monkeypatch.setattr(routes, "hits", Hits())  # it keeps the keys of the database it saw
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
    with TestClient(app, "http://localhost", follow_redirects=False) as client:
        yield client


def test_looking_answers_nothing_and_a_press_does(visitor: TestClient, token: str):
    shown = visitor.get(f"/r/{token}")
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert "Summit &lt;b&gt;26&lt;/b&gt;" in shown.text
    assert _registered() == []
    pressed = visitor.post(f"/r/{token}", data={"choice": "in_person"})
    assert pressed.status_code == 200
    assert "You are registered, in person" in pressed.text
    assert _registered() == ["registered"]
    entry = visitor.get(f"/r/{token}/event.ics")
    assert entry.headers["content-type"].startswith("text/calendar")
    assert b"SUMMARY:Summit" in entry.content
    declined = visitor.post(f"/r/{token}", data={"choice": "decline", "why": "<i>busy</i>"})
    assert "you do not come" in declined.text
    with transaction(read_only=True) as session:
        assert session.scalars(select(Invitation.declined_why)).one() == "<i>busy</i>"


def test_invented_address_and_one_of_another_purpose_lead_to_nothing(
    visitor: TestClient, token: str
):
    for path in ("/r/x", f"/r/{token[:-1]}!", f"/u/{token}", f"/r/{'a' * 34}", "/r/a/b"):
        answer = visitor.get(path)
        assert (answer.status_code, "Nothing here" in answer.text) == (404, True)
    assert visitor.post("/r/x", data={"choice": "virtual"}).status_code == 404


def test_refused_answer_says_why(visitor: TestClient, token: str):
    assert visitor.post(f"/r/{token}", data={"choice": "maybe"}).status_code == 422
    with transaction() as session:
        session.scalars(select(Event)).one().status = "cancelled"
    answer = visitor.post(f"/r/{token}", data={"choice": "virtual"})
    assert (answer.status_code, "has been cancelled" in answer.text) == (422, True)
    assert _registered() == []


def test_cancelled_event_is_said_first_and_offers_no_entry_for_the_calendar(
    visitor: TestClient, token: str
):
    visitor.post(f"/r/{token}", data={"choice": "virtual"})
    assert "event.ics" in visitor.get(f"/r/{token}").text
    with transaction() as session:
        session.scalars(select(Event)).one().status = "cancelled"
    shown = visitor.get(f"/r/{token}").text
    assert shown.count("This event has been cancelled.") == 1
    assert "You are registered" not in shown
    assert "event.ics" not in shown
    assert "<button" not in shown


def _registered() -> list[str]:
    with transaction(read_only=True) as session:
        return list(session.scalars(select(Registration.state)))
