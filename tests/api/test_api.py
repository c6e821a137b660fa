"""The API's frame: tokens, problems, its description, health."""

from __future__ import annotations

import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import auth, errors, health, metrics
from api.main import api
from api.pace import Visits
from data.db import transaction
from data.settings import settings
from data.tables import Person
from services import jobs
from services.access import SYSTEM, tokens
from services.clock import utc_now

APP_ERRORS = sorted(errors.STATUS, key=lambda kind: kind.__name__)


@pytest.fixture
def token(app_database: Engine) -> str:
    now = datetime.now(UTC)
    with transaction() as session:
        person = Person(name="Ana", role="csm", email="ana@example.com", created_at=now)
        session.add(person)
        session.flush()
        return tokens.create_token(session, "test", by=SYSTEM, now=now, person_id=person.id)


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    with TestClient(api, raise_server_exceptions=False) as made:
        yield made


def test_token_says_whose_it_is(client: TestClient, token: str):
    answer = client.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["name"], body["role"], body["sees_all"]) == ("Ana", "csm", False)
    assert re.fullmatch(r"per_[1-9]\d*", body["id"])
    with transaction(read_only=True) as session:
        assert tokens.list_tokens(session, SYSTEM, utc_now())[0].last_used_at is not None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YW5hOmFuYQ=="},
        {"Cookie": "cscx_session=x"},
    ],
)
def test_without_a_good_token_the_answer_says_how_to_get_one(
    client: TestClient, headers: dict[str, str]
):
    answer = client.get("/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Settings" in answer.json()["detail"]


def test_token_used_too_often_is_told_when_to_come_again(
    client: TestClient, token: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_API_PER_MINUTE", "3")
    settings.cache_clear()
    now = 0.0
    monkeypatch.setattr(auth, "visits", Visits(lambda: now))
    good, bad = {"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer nonsense"}

    assert [client.get("/me", headers=good).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/drafts", headers=good)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.headers["content-type"] == "application/problem+json"
    assert "Come again in 60 seconds" in refused.json()["detail"]
    # Guesses are counted for where they come from, and cost nobody else a request.
    assert [client.get("/me", headers=bad).status_code for _ in range(4)] == [401, 401, 401, 429]
    now = 60.0
    assert client.get("/me", headers=good).status_code == 200


def test_more_than_a_request_may_bring_is_cut_off_and_earlier_for_strangers(
    client: TestClient, token: str
):
    good, bad = {"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer nonsense"}
    body = b'{"number": "' + b"9" * 70_000 + b'"}'
    sent = [client.post("/tickets", content=body, headers=one) for one in (good, bad, {})]
    assert [one.status_code for one in sent] == [422, 413, 413]
    answer = client.post("/tickets", content=b" " * (17 << 20), headers=good)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert "fewer records at a time" in answer.json()["detail"]


def test_made_up_token_has_no_large_body_parsed_and_its_sender_is_counted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_API_PER_MINUTE", "3")
    settings.cache_clear()
    monkeypatch.setattr(auth, "visits", Visits())
    made_up = {"Authorization": "Bearer csx_made_up"}
    no_json = b"[" * 70_000  # parsed, it would be a 422
    sent = [client.post("/tickets", content=no_json, headers=made_up) for _ in range(4)]
    assert [one.status_code for one in sent] == [401, 401, 401, 429]
    assert {one.headers["content-type"] for one in sent} == {"application/problem+json"}
    assert int(sent[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize("kind", APP_ERRORS, ids=lambda kind: kind.__name__)
def test_app_error_becomes_a_problem_with_its_message(kind: type[Exception]):
    answer = _failing(kind("Do this instead.")).get("/")
    assert answer.status_code == errors.STATUS[kind]  # type: ignore[index]
    assert answer.json()["detail"] == "Do this instead."
    assert answer.json()["status"] == answer.status_code


def test_bug_tells_a_reference_and_nothing_else(caplog: pytest.LogCaptureFixture):
    answer = _failing(RuntimeError("secret inside")).get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    reference = re.search(r"under (\w{8})", answer.json()["detail"])
    assert reference
    assert reference.group(1) in caplog.text


def test_wrong_values_are_named_but_not_repeated():
    app = FastAPI()
    errors.install(app)

    @app.get("/rows")
    def rows(limit: int) -> int:
        return limit

    answer = TestClient(app).get("/rows?limit=<script>")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.limit"
    assert "script" not in answer.text


def test_unknown_address_is_a_problem_too(client: TestClient):
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.delete("/me").status_code == 405


def test_description_lists_every_operation_and_asks_nobody_else(client: TestClient):
    page = client.get("/docs").text
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"{method.upper()} /api{path}" in page
    assert "<script" not in page
    # The example names the address at which the reader already is.
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", page)


def test_health_is_good_on_a_migrated_database(app_database: Engine):
    answer = _health()
    assert answer.status_code == 200
    assert answer.json()["migration"] == "head"
    assert re.fullmatch(r"\d+\.\d+\.\d+", answer.json()["version"])


def test_health_sees_an_old_schema_and_a_missing_one(app_database: Engine):
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert (_health().status_code, _health().json()["migration"]) == (503, "behind")
    with transaction() as session:
        session.execute(text("DROP TABLE alembic_version"))
    assert (_health().status_code, _health().json()["database"]) == (503, "unreachable")


def _failing(error: Exception) -> TestClient:
    app = FastAPI()
    errors.install(app)

    @app.get("/")
    def fail() -> None:
        raise error

    return TestClient(app, raise_server_exceptions=False)


def _health():
    return TestClient(Starlette(routes=health.ROUTES)).get("/healthz")


def test_metrics_are_for_whoever_has_the_token(
    app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    page = TestClient(Starlette(routes=metrics.ROUTES))
    assert page.get("/metrics").status_code == 404
    monkeypatch.setenv("CSCX_METRICS_TOKEN", "scrape-me")
    settings.cache_clear()
    wrong = {"Authorization": "Bearer scrape-you"}
    assert [page.get("/metrics", headers=one).status_code for one in ({}, wrong)] == [401, 401]
    with transaction() as session:
        jobs.add(session, "jobs.tidy", "late", {}, now=utc_now() - timedelta(minutes=5))
    told = page.get("/metrics", headers={"Authorization": "Bearer scrape-me"})
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if line[0] != "#")
    assert found['cscx_jobs{state="queued"}'] == "1"
    assert found['cscx_outbox_mails{state="sent"}'] == "0"
    assert 299 < float(found["cscx_jobs_oldest_due_seconds"]) < 400
