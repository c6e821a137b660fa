"""Every route of the API, for every role, with one's own record, somebody else's, an unknown one, and nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from data.tables import Upload
from services.access import SCOPES, SYSTEM, tokens
from services.clock import utc_now
from services.ids import PREFIXES
from tests.matrix.world import World, entered

ROLES = ("csm", "manager", "admin")


@dataclass(frozen=True)
class Row:
    """`kind` names the record whose id goes into the path, or into the body in place of `ID`."""

    kind: str | None = None
    json: Any = None
    files: Any = None
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    admins: bool = False
    """Whether nobody else may."""


EVENT = {"name": "Roadmap", "type": "webinar", "startsAt": "2027-03-01T10:00:00Z"}
SEAT = {"eventName": "Dinner", "eventDate": "2026-05-01", "email": "nobody@elsewhere.example"}
ROWS: dict[str, Row] = {
    "GET /me": Row(),
    "POST /events/attendance": Row(json=SEAT),
    "GET /events/customer/{customer_id}": Row("customer"),
    "POST /campaigns/engagement": Row(json={"events": []}),
    "GET /campaigns/customer/{customer_id}": Row("customer"),
    "GET /campaigns/recommendations": Row(),
    "GET /campaigns/{campaign_id}/analysis": Row("campaign"),
    "GET /drafts": Row(params={"limit": 200}),
    "GET /drafts/{draft_id}": Row("draft"),
    "POST /drafts/{draft_id}/approve": Row("draft", json={"revision": 999}),
    "POST /drafts/{draft_id}/reject": Row("draft", json={"revision": 999, "why": "Not now"}),
    "GET /events/analysis": Row(),
    "POST /events/{event_id}/follow-up": Row("event"),
    "GET /events/recommendations": Row(params={"customers": 5}),
    "POST /events/invitations": Row("customer", json={"eventId": "EVENT", "customerIds": ["ID"]}),
    "POST /events/{event_id}/invite": Row("event", json={"customerIds": []}),
    "GET /events/{event_id}/relevant-customers": Row("event"),
    "GET /customers/{customer_id}/event-history": Row("customer"),
    "GET /events/{customer_id}/engagement": Row("customer"),
    "GET /risk-signals": Row(),
    "GET /advocacy": Row(),
    "POST /advocacy": Row("customer", json={"customers": ["ID"]}),
    "POST /tickets": Row(json={"number": "1"}),
    "GET /tickets": Row(params={"limit": 100}),
    "GET /tickets/analysis": Row(),
    "GET /tickets/overrides": Row(),
    "GET /tickets/{ticket_id}": Row("ticket"),
    "GET /tickets/{ticket_id}/level": Row("ticket"),
    "POST /tickets/{ticket_id}/level": Row("ticket", json={"level": "acknowledge", "reason": ""}),
    "POST /tickets/{ticket_id}/root-cause": Row("ticket", json={"sameAs": None}),
    "POST /tickets/{ticket_id}/follow-up": Row("ticket"),
    "POST /customers/{customer_id}/ticket-followup": Row(
        "customer", json={"ticketId": "tkt_999999"}
    ),
    "GET /customers/{customer_id}/recent-tickets": Row("customer"),
    "GET /stakeholders/{stakeholder_id}/export": Row("stakeholder"),
    "GET /stakeholders/{stakeholder_id}/erasure": Row("stakeholder", admins=True),
    "POST /stakeholders/{stakeholder_id}/erasure": Row("stakeholder", json={"name": "Nobody"}),
    "POST /events/attendance/upload": Row(
        files={"file": ("list.csv", b"Email\nnobody@elsewhere.example\n", "text/csv")},
        params={"commit": "false"},
    ),
    "GET /uploads/{upload_id}": Row("upload"),
    "POST /uploads/{upload_id}/commit": Row("upload"),
    "POST /uploads/{upload_id}/undo": Row("upload"),
    "POST /events": Row(json=EVENT),
    "GET /events/{event_id}": Row("event"),
    "PUT /events/{event_id}": Row("event", json={}),
    "POST /events/{event_id}/cancel": Row("event", json={"why": ""}),
}
EVERYBODYS = {"event", "campaign"}
"""Kinds of which each colleague sees all records, though not all people in them."""
OWNED = [name for name, row in ROWS.items() if row.kind and row.kind not in EVERYBODYS]
OTHER_SCOPES = {
    "POST /drafts/{draft_id}/approve": "drafts:approve",
    "POST /drafts/{draft_id}/reject": "drafts:approve",
    "POST /stakeholders/{stakeholder_id}/erasure": "stakeholders:erase",
}
READ = [name for name in ROWS if name.startswith("GET ")]


def routes() -> set[str]:
    return {
        f"{method.upper()} {path}"
        for path, operations in api.openapi()["paths"].items()
        for method in operations
    }


def test_every_route_has_its_row():
    assert set(ROWS) == routes()


def test_every_whole_number_that_may_be_sent_has_a_most():
    """One that no database can hold would be an error of ours."""
    said = api.openapi()
    operations = [one for path in said["paths"].values() for one in path.values()]
    sent = [one["schema"] for op in operations for one in op.get("parameters", ())]
    for op in operations:
        bodies = op.get("requestBody", {}).get("content", {})
        sent += [one["schema"] for one in bodies.values()]
    schemas = said["components"]["schemas"]
    assert [one for schema in sent for one in boundless(schema, schemas)] == []


def boundless(schema: Any, schemas: Mapping[str, Any], name: str = "") -> Iterator[str]:
    """Names of whole numbers without a most, in this schema and in all that it is made of."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if schema.get("type") == "integer" and "maximum" not in schema:
        yield schema.get("title", name)
    for inner, one in schema.get("properties", {}).items():
        yield from boundless(one, schemas, inner)
    within = [schema.get("items"), schema.get("additionalProperties")]
    for one in [*schema.get("anyOf", ()), *within]:
        if isinstance(one, Mapping):
            yield from boundless(one, schemas, name)


@pytest.fixture(scope="session")
def clients(lived_in: World) -> dict[str, TestClient]:
    return {role: _client(lived_in, role, list(SCOPES)) for role in ROLES}


@pytest.fixture(scope="session")
def readers(lived_in: World) -> dict[str, TestClient]:
    """With tokens that only read."""
    return {role: _client(lived_in, role, []) for role in ROLES}


@pytest.fixture(scope="session")
def one_scope(lived_in: World) -> dict[str, TestClient]:
    return {scope: _client(lived_in, "admin", [scope]) for scope in SCOPES}


def _client(world: World, role: str, scopes: list[str]) -> TestClient:
    with entered(world.url, world.folder), transaction() as session:
        person = getattr(world, role)
        token = tokens.create_token(
            session, role, by=SYSTEM, now=utc_now(), scopes=scopes, person_id=person
        )
    found = TestClient(api, raise_server_exceptions=False)
    found.headers["Authorization"] = f"Bearer {token}"
    return found


def ask(client: TestClient, name: str, record: str | None, event: str = "evt_1") -> Response:
    row = ROWS[name]
    method, _, path = name.partition(" ")
    body = _filled(row.json, {"ID": record, "EVENT": event})
    return client.request(
        method,
        re.sub(r"\{[a-z_]+\}", record or "", path),
        json=body,
        files=row.files,
        params=row.params,
    )


def _filled(value: Any, words: Mapping[str, str | None]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    return words.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", ROWS)
def test_nobody_gets_nothing(two_portfolios: World, name: str):
    record = two_portfolios.own.get(ROWS[name].kind or "")
    for headers in (
        {},
        {"Authorization": "Bearer csx_00000000_" + "x" * 43},
        {"Cookie": "cscx_session=x"},
    ):
        stranger = TestClient(api, raise_server_exceptions=False, headers=headers)
        answer = ask(stranger, name, record)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("role", ["csm", "manager"])
@pytest.mark.parametrize("name", OWNED)
def test_another_s_record_is_as_unknown_as_one_that_is_not_there(
    two_portfolios: World, clients: dict[str, TestClient], name: str, role: str
):
    kind = ROWS[name].kind
    assert kind
    event = two_portfolios.own["event"]
    foreign = ask(clients[role], name, two_portfolios.foreign[kind], event)
    unknown = ask(clients[role], name, f"{PREFIXES[kind]}_999999", event)
    assert (foreign.status_code, foreign.json()["detail"]) == (
        unknown.status_code,
        unknown.json()["detail"],
    )
    assert foreign.status_code in (403, 404, 422)
    assert leaked(foreign, two_portfolios) == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", READ)
def test_reading_gives_one_s_own_and_nothing_of_another_portfolio(
    two_portfolios: World, clients: dict[str, TestClient], name: str, role: str
):
    row = ROWS[name]
    answer = ask(clients[role], name, two_portfolios.own.get(row.kind or ""))
    refused = 403 if row.admins else 404 if row.kind == "upload" else 200
    assert answer.status_code == (200 if role == "admin" else refused)
    if role != "admin":
        assert leaked(answer, two_portfolios) == []
    elif name == "GET /tickets":  # or the search would find nothing anywhere
        assert leaked(answer, two_portfolios) != []


CHANGING = [name for name in ROWS if name not in READ]


@pytest.mark.parametrize("name", CHANGING)
def test_token_that_only_reads_changes_nothing(
    two_portfolios: World, readers: dict[str, TestClient], name: str
):
    record = two_portfolios.own.get(ROWS[name].kind or "")
    for role in ROLES:
        answer = ask(readers[role], name, record)
        assert answer.status_code == 403
        assert "token was not made to" in answer.json()["detail"]


@pytest.mark.parametrize("name", READ)
def test_token_that_only_reads_reads_what_its_owner_sees(
    two_portfolios: World, readers: dict[str, TestClient], name: str
):
    row = ROWS[name]
    answer = ask(readers["csm"], name, two_portfolios.own.get(row.kind or ""))
    assert answer.status_code == (403 if row.admins else 404 if row.kind == "upload" else 200)
    assert leaked(answer, two_portfolios) == []


@pytest.mark.parametrize("name", CHANGING)
def test_what_changes_something_wants_one_scope_alone(
    two_portfolios: World, one_scope: dict[str, TestClient], name: str
):
    record = two_portfolios.own.get(ROWS[name].kind or "")
    said = {scope: ask(client, name, record).text for scope, client in one_scope.items()}
    let_in = [scope for scope, text in said.items() if "token was not made to" not in text]
    assert let_in == [OTHER_SCOPES.get(name, "write")]


def test_log_of_a_day_s_work_names_nobody(two_portfolios: World):
    assert two_portfolios.log.count("\n") > 5
    assert re.findall(r"\S+@\S+", two_portfolios.log) == []
    assert [word for word in two_portfolios.canaries if word.decode() in two_portfolios.log] == []


def test_every_upload_is_shown_or_named_as_not_of_attendance(
    two_portfolios: World, clients: dict[str, TestClient]
):
    with transaction(read_only=True) as session:
        uploads = session.execute(select(Upload.id, Upload.purpose)).all()
    said = {
        (row.purpose, clients["admin"].get(f"/uploads/upl_{row.id}").status_code) for row in uploads
    }
    assert said == {(one, 200 if one == "attendance" else 422) for one, _ in said}
    assert len(said) > 1


def leaked(answer: Response, known: World) -> list[bytes]:
    return [word for word in known.canaries if word in answer.content]
