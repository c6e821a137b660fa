"""What is kept of who was not let in, once they have their answer."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import company_login
from api import signin as forms
from api.pace import Visits
from api.site import MIDDLEWARE, ROUTES
from data.db import transaction
from data.tables import AuditEntry, Person
from services.access import passwords, refused, signin
from services.access.signin import Tries
from services.clock import utc_now

pytestmark = pytest.mark.one_database
HOST = "http://localhost:8501"


class Provider:
    """Vouches for somebody who is known here and may no longer come in."""

    def start(self) -> str:
        return "/auth/login"

    def vouched_for(self, cookies: object, *, trusting: bool) -> str | None:
        return None if trusting else "olga@example.com"

    def left_behind(self, cookies: object) -> list[str]:
        return ["_streamlit_user"]


def test_wrong_password_and_a_company_that_sends_who_may_no_longer_are_told(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signin, "tries", Tries())
    monkeypatch.setattr(forms, "visits", Visits())
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))
    with transaction() as session:
        olga = Person(
            name="Olga", email="olga@example.com", role="csm", active=False, created_at=utc_now()
        )
        session.add(olga)
    client = TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE), HOST)
    for email in ("olga@example.com", "nobody@example.com"):
        form = {"email": email, "password": "six unrelated words"}
        assert client.post("/signin", data=form, headers={"Origin": HOST}).status_code == 403
    company_login.offer(Provider())
    try:
        answer = client.get(company_login.RETURN)
    finally:
        company_login.offer(None)
    assert answer.status_code == 403
    with transaction(read_only=True) as session:
        e = AuditEntry
        rows = session.execute(select(e.action, e.entity_id, e.what).order_by(e.id)).all()
    assert [tuple(row) for row in rows] == [
        (refused.ACTION, olga.id, "wrong password"),
        (refused.ACTION, olga.id, "by the company's sign-in"),
    ]
