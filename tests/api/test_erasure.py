"""Export and erasure of a contact by program."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from data.tables import AuditEntry, Stakeholder
from services.access import SYSTEM, Viewer, tokens
from services.ids import public_id
from tests.support.portfolio import Portfolio, portfolio

pytestmark = pytest.mark.one_database


@pytest.fixture
def known(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, datetime.now(UTC))


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    with TestClient(api, raise_server_exceptions=False) as made:
        yield made


def of(viewer: Viewer, *scopes: str) -> dict[str, str]:
    with transaction() as session:
        token = tokens.create_token(
            session, "test", by=SYSTEM, now=datetime.now(UTC), scopes=list(scopes),
            person_id=viewer.person_id,
        )  # fmt: skip
    return {"Authorization": f"Bearer {token}"}


def test_contact_of_one_s_own_is_exported_and_that_is_written_down(
    client: TestClient, known: Portfolio
):
    at = f"/stakeholders/{public_id('stakeholder', known.maria)}/export"
    answer = client.get(at, headers=of(known.dana))
    assert answer.status_code == 200
    assert answer.json()["person"] == "Maria Lopez"
    assert answer.json()["addresses"] == ["maria@techcorp.example"]
    assert client.get(at, headers=of(known.erik)).status_code == 404
    with transaction(read_only=True) as session:
        done = select(AuditEntry.action, AuditEntry.person_id).where(
            AuditEntry.entity == "stakeholder"
        )
        assert session.execute(done).all() == [("stakeholder.exported", known.dana.person_id)]


def test_contact_is_erased_by_an_admin_whose_token_was_made_for_it_and_who_says_the_name(
    client: TestClient, known: Portfolio
):
    at = f"/stakeholders/{public_id('stakeholder', known.maria)}/erasure"
    maria, erase = {"name": "Maria Lopez"}, "stakeholders:erase"
    refused = [
        client.post(at, json=maria, headers=of(known.dana, erase)),
        client.post(at, json=maria, headers=of(known.ada)),
        client.post(at, json={"name": "Maria"}, headers=of(known.ada, erase)),
    ]
    assert [one.status_code for one in refused] == [403, 403, 422]
    assert "erase contacts for good" in refused[1].json()["detail"]
    told = client.get(at, headers=of(known.ada, erase)).json()
    assert told["name"] == "Maria Lopez"
    done = client.post(at, json={"name": told["name"]}, headers=of(known.ada, erase))
    assert done.status_code == 200
    assert done.json()["changes"].keys() == told["changes"].keys()
    with transaction(read_only=True) as session:
        one = session.get_one(Stakeholder, known.maria)
        assert "Maria" not in f"{one.first_name} {one.last_name}"
