"""The addresses other systems send to: only the right ones get in, and nothing is lost or kept twice."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api import hooks as edge
from api.gate import is_open
from api.pace import Visits
from data.db import transaction
from data.settings import settings
from data.tables import HookDelivery, Integration
from integrations.hooks.records import hmac_hex
from services import hooks
from tests.services.hooks.zoom_world import SECRET, account, admin, move, signed

RAW = move("joined", "maria.lopez@dataflow.io", 0)
CHECK = (
    Path(__file__).resolve().parents[1] / "samples/webhook_zoom_url_validation.json"
).read_bytes()


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    with TestClient(Starlette(routes=edge.ROUTES)) as made:
        yield made


@pytest.fixture
def zoom(app_database: Engine) -> str:
    """The path of a Zoom account's hook."""
    return path(account(app_database))


def path(shown: hooks.Shown) -> str:
    return "/hooks/" + shown.url.split("/hooks/")[1]


def rows() -> int:
    with transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(HookDelivery)) or 0


def utc() -> datetime:
    return datetime.now(UTC)


def test_signed_delivery_is_kept_before_it_is_answered(client: TestClient, zoom: str):
    answer = client.post(zoom, content=RAW, headers=signed(RAW, utc()))
    assert answer.status_code == 200
    assert rows() == 1
    with transaction(read_only=True) as session:
        assert session.scalars(select(HookDelivery.body)).one() == RAW


def test_delivered_five_times_it_is_kept_once_and_always_welcome(client: TestClient, zoom: str):
    answers = [client.post(zoom, content=RAW, headers=signed(RAW, utc())) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert rows() == 1


def test_zooms_check_of_the_address_is_answered_at_once(client: TestClient, zoom: str):
    answer = client.post(zoom, content=CHECK, headers=signed(CHECK, utc()))
    assert answer.json() == {
        "plainToken": "k3PzT9sWnQ2eHb6LxV0dYg",
        "encryptedToken": "1f27291615e694a9cd3f12a725b1d57040ae8d8aa53d71af129ba5e7d2a8d645",
    }
    assert rows() == 0


def forged() -> dict[str, dict[str, str]]:
    now = utc()
    right = signed(RAW, now)
    stamp, signature = right["x-zm-request-timestamp"], right["x-zm-signature"]
    body_only = "v0=" + hmac_hex(SECRET, RAW)
    return {
        "nothing": {},
        "no signature": {"x-zm-request-timestamp": stamp},
        "no time": {"x-zm-signature": signature},
        "empty": {"x-zm-request-timestamp": "", "x-zm-signature": ""},
        "another secret": signed(RAW, now, "another secret"),
        "another body": signed(RAW + b" ", now),
        "stale": signed(RAW, now - timedelta(minutes=6)),
        "from the future": signed(RAW, now + timedelta(minutes=6)),
        "time moved": {"x-zm-request-timestamp": str(int(stamp) + 1), "x-zm-signature": signature},
        "no version": right | {"x-zm-signature": signature.removeprefix("v0=")},
        "cut off": right | {"x-zm-signature": signature[:-1]},
        "body alone": right | {"x-zm-signature": body_only},
        "upper case": right | {"x-zm-signature": signature.upper()},
        "time as words": right | {"x-zm-request-timestamp": "now"},
        "time as other digits": right | {"x-zm-request-timestamp": "١٧٨٩٦٦٠٩٩١"},
    }


@pytest.mark.parametrize("how", forged())
def test_forgery_is_refused_and_leaves_nothing(client: TestClient, zoom: str, how: str):
    headers = {name.encode(): value.encode() for name, value in forged()[how].items()}
    answer = client.post(zoom, content=RAW, headers=headers)
    assert answer.status_code == 401
    assert rows() == 0
    with transaction(read_only=True) as session:
        assert "refused_at" in session.scalars(select(Integration.options)).one()


def test_unknown_addresses_are_not_there(client: TestClient, zoom: str):
    headers = signed(RAW, utc())
    for wrong in (
        zoom[:-1],
        zoom.replace("zoom", "xapi"),
        "/hooks/zoom/x",
        "/hooks",
        "/hooks/",
        "/hooks/zoom/" + "a" * 43,
        zoom + "/more",
    ):
        assert client.post(wrong, content=RAW, headers=headers).status_code in (404, 405), wrong
    assert client.get(zoom).status_code in (404, 405)
    assert rows() == 0


def test_too_much_is_cut_off(client: TestClient, zoom: str):
    large = RAW + b" " * 1024 * 1024
    assert client.post(zoom, content=large, headers=signed(large, utc())).status_code == 413
    assert rows() == 0


def test_signed_nonsense_is_refused_in_words(client: TestClient, zoom: str):
    answer = client.post(zoom, content=b"{", headers=signed(b"{", utc()))
    assert (answer.status_code, answer.json()) == (422, {"detail": "The body is not JSON."})
    assert rows() == 0


def test_account_that_is_off_hears_nothing(client: TestClient, app_database: Engine):
    shown = account(app_database)
    with transaction() as session:
        hooks.switch(session, shown.id, on=False, by=admin(session, utc()), now=utc())
    assert client.post(path(shown), content=RAW, headers=signed(RAW, utc())).status_code == 404
    assert rows() == 0


def test_learning_records_are_answered_with_their_ids(client: TestClient, app_database: Engine):
    shown = account(app_database, "xapi")
    statement = {
        "id": "0e0e0e0e-0000-4000-8000-000000000000",
        "timestamp": "2026-11-10T12:17:00+00:00",
        "actor": {"mbox": "mailto:maria.lopez@dataflow.io"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "https://academy.example/admin-101"},
    }
    raw = json.dumps(statement).encode()
    given = {"authorization": "Basic " + b64encode(f"cscx:{shown.secret}".encode()).decode()}
    for place in (path(shown), path(shown) + "/statements"):
        answer = client.post(place, content=raw, headers=given)
        assert answer.json() == [statement["id"]]
    assert rows() == 1
    assert client.post(path(shown), content=raw).status_code == 401


def test_skilljars_address_is_its_secret(client: TestClient, app_database: Engine):
    shown = account(app_database, "skilljar")
    said: dict[str, Any] = {
        "event_type": "COURSE_COMPLETION",
        "timestamp": "2026-11-10T08:00:00+00:00",
    }
    answer = client.post(path(shown), content=json.dumps(said).encode())
    assert answer.status_code == 200
    assert rows() == 1


def test_everybody_may_knock_without_signing_in(client: TestClient):
    assert is_open("/hooks/zoom/abc")
    assert not is_open("/hooks/../settings")
    assert client.post("/hooks/zoom/abc").status_code == 404


def test_a_flood_is_told_to_come_again_and_keeps_no_other_account_waiting(
    client: TestClient, zoom: str, app_database: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CSCX_HOOKS_PER_MINUTE", "2")
    monkeypatch.setattr(edge, "visits", Visits())
    settings.cache_clear()
    other = path(account(app_database))
    for address in (zoom, other):  # both have been called before, so they are known
        assert client.post(address, content=RAW, headers=signed(RAW, utc())).status_code == 200
    guesses = [client.post(f"/hooks/zoom/{'a' * 30}{n}").status_code for n in range(4)]
    assert guesses[-2:] == [429, 429]
    sent = [client.post(zoom, content=RAW, headers=signed(RAW, utc())) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [200, 200, 429]
    assert 0 < int(sent[-1].headers["retry-after"]) <= 60
    assert client.post(other, content=RAW, headers=signed(RAW, utc())).status_code == 200
