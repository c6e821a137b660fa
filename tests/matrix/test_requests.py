"""Requests made of the API's own description, by whoever it describes wrongly as by whoever it describes
rightly: none fails on our side, none is answered with a status that the description does not name."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from sqlalchemy import make_url
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from services.access import SCOPES, SYSTEM, tokens
from services.clock import utc_now
from tests.matrix.test_routes import ROLES, ROWS
from tests.matrix.world import World, entered

SMALL, WHOLE = 4, 260
"""Requests of a route. There are some forty routes."""
BASE = "http://testserver"
HASTE: list[Any] = list(hypothesis.HealthCheck)
"""It is not for the examples to be quick or few."""
NOT_SENT = {"Authorization", "X-Schemathesis-TestCaseId"}


@dataclass(frozen=True)
class Open:
    """Somebody of each role who asks the API over a world that may be changed."""

    clients: dict[str, TestClient]
    world: World


@pytest.fixture(scope="module")
def opened(lived_in: World, tmp_path_factory: pytest.TempPathFactory) -> Generator[Open]:
    folder = tmp_path_factory.mktemp("requests")
    copy = folder / "copy.db"
    with contextlib.closing(sqlite3.connect(str(lived_in.url.database))) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    with entered(make_url(f"sqlite:///{copy}"), folder), contextlib.ExitStack() as stack:
        clients: dict[str, TestClient] = {}
        for role in ROLES:
            with transaction() as session:
                token = tokens.create_token(
                    session, role, by=SYSTEM, now=utc_now(), scopes=list(SCOPES),
                    person_id=getattr(lived_in, role),
                )  # fmt: skip
            client = stack.enter_context(TestClient(api, raise_server_exceptions=False))
            client.headers["Authorization"] = f"Bearer {token}"
            clients[role] = client
        yield Open(clients, lived_in)


def operations() -> dict[str, APIOperation[Any, Any, Any, Any]]:
    schema = schemathesis.openapi.from_dict(api.openapi())
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return {f"{one.method.upper()} {one.path}": one for one in found}


OPERATIONS = operations()


@dataclass
class Asked:
    """How often each status came, and what was answered wrongly, with the request."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    wrong: list[str] = field(default_factory=list[str])


def ask(opened: Open, name: str, cases: int) -> Asked:
    """Half of the requests keep to the description, half do not; some name a record that is there."""
    operation = OPERATIONS[name]
    kinds = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    described = {*operation.responses.status_codes}
    found = Asked()

    @hypothesis.given(st.data())
    def one(data: st.DataObject) -> None:
        case = data.draw(data.draw(st.sampled_from(kinds)))
        role = data.draw(st.sampled_from(ROLES))
        request = _as_client_takes(case.as_transport_kwargs(base_url=BASE))
        known = [w[ROWS[name].kind or ""] for w in records(opened.world) if ROWS[name].kind in w]
        if known and data.draw(st.booleans()):
            there = data.draw(st.sampled_from(known))
            request["url"] = BASE + re.sub(r"\{[a-z_]+\}", there, operation.path)
        answer = opened.clients[role].request(**request)
        found.statuses[answer.status_code] += 1
        if answer.status_code >= 500 or str(answer.status_code) not in described:
            found.wrong.append(f"{answer.status_code} {role} {request} {answer.text}"[:900])

    few = hypothesis.settings(max_examples=cases, database=None, suppress_health_check=HASTE)
    few(one)()
    return found


def records(world: World) -> tuple[dict[str, str], ...]:
    return world.own, world.foreign


def _as_client_takes(request: dict[str, Any]) -> dict[str, Any]:
    """Made for another library: here the client keeps cookies, and raw bytes have another name. Its token is
    ours, not one that was made up."""
    taken = {key: value for key, value in request.items() if key != "cookies"}
    taken["headers"] = {k: v for k, v in taken["headers"].items() if k not in NOT_SENT}
    if taken.get("files"):
        taken["files"] = [(name, _as_file(one)) for name, one in taken["files"]]
    if isinstance(taken.get("data"), bytes | str):
        taken["content"] = taken.pop("data")
    return taken


def _as_file(made: Any) -> Any:
    """A file is any value where the description is not kept to: its words are sent."""
    if isinstance(made, tuple):
        name, value, *rest = made
        return name, _as_file(value), *rest
    return made if isinstance(made, bytes | str) else str(made)


@pytest.mark.parametrize("name", ROWS)
def test_request_of_the_description_is_answered_as_described(opened: Open, name: str):
    assert ask(opened, name, SMALL).wrong == []


@pytest.mark.soak
def test_ten_thousand_requests_and_none_fails_here(opened: Open):
    asked = [ask(opened, name, WHOLE) for name in ROWS]
    statuses = sum((one.statuses for one in asked), Counter[int]())
    print(f"\n{statuses.total():,} requests: {dict(sorted(statuses.items()))}")  # noqa: T201
    assert statuses.total() >= 10_000
    assert [one for route in asked for one in route.wrong] == []
