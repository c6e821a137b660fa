"""The page on which a follow-up is rated, as readers, scanners and forgers ask for it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import ratings as routes
from api.hits import Hits
from api.site import MIDDLEWARE, ROUTES
from data.db import transaction
from data.tables import Rating
from services.tickets.follow_up.command import follow_up
from services.tracking import signer
from tests.support import desk


@pytest.fixture
def token(app_database: Engine) -> str:
    now = datetime.now(UTC)
    opened, solved = now - timedelta(days=4), now - timedelta(hours=5)
    with transaction() as session:
        one = desk.customer(session)
        ticket = desk.ticket(session, "TF-<b>8</b>", opened=opened, solved=solved, now=now)
        follow_up(session, desk.csm_of(session, one), ticket.id, now=now)
        return session.scalars(select(Rating.token)).one()


@pytest.fixture
def visitor(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Generator[TestClient]:
    monkeypatch.setattr(routes, "hits", Hits())  # it keeps the keys of the database it saw
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
    with TestClient(app, "http://localhost", follow_redirects=False) as client:
        yield client


def test_looking_rates_nothing_one_press_does_and_another_changes_it(
    visitor: TestClient, token: str
):
    for _ in range(3):
        shown = visitor.get(f"/f/{token}?score=5")
        assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
        assert "TF-&lt;b&gt;8&lt;/b&gt;" in shown.text
    assert _scores() == [None]
    for _ in range(2):
        assert "your answer is saved" in visitor.post(f"/f/{token}", data={"score": "4"}).text
    assert _scores() == [4]
    visitor.post(f"/f/{token}", data={"score": "2", "comment": "<i>slow</i>"})
    assert _scores() == [2]
    assert "&lt;i&gt;slow" in visitor.get(f"/f/{token}").text


def test_forged_and_late_presses_rate_nothing(visitor: TestClient, token: str):
    with transaction() as session:
        other = signer(session).token("rsvp")
        unknown = signer(session).token("rating")
    for path in (
        "/f/x",
        f"/f/{token[:-1]}!",
        f"/f/{other}",
        f"/f/{unknown}",
        "/f/a/b",
        f"/r/{token}",
    ):
        assert visitor.get(path).status_code == 404
        assert visitor.post(path, data={"score": "5"}).status_code in (404, 405)
    assert visitor.post(f"/f/{token}", data={"score": "9"}).status_code == 422
    with transaction() as session:
        session.scalars(select(Rating)).one().asked_at -= timedelta(days=90)
    late = visitor.post(f"/f/{token}", data={"score": "5"})
    assert (late.status_code, "closed by now" in late.text) == (422, True)
    assert _scores() == [None]


def _scores() -> list[int | None]:
    with transaction(read_only=True) as session:
        return list(session.scalars(select(Rating.score)))
