"""Attendance by program: recorded once, judged one by one, undone together; and read per customer."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from data.tables import Attendance, Customer, Event, MatchAnswer, Participant, Person, Upload
from data.tables.events import NO_SHOW
from services.access import SYSTEM, tokens
from tests.services.uploads.world import attendance, load_customers

pytestmark = pytest.mark.one_database

ADDRESS = "/api/events/attendance"
DAY = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()


def token(name: str, role: str = "csm") -> str:
    now = datetime.now(UTC)
    with transaction() as session:
        person = Person(name=name, role=role, created_at=now)
        session.add(person)
        session.flush()
        return tokens.create_token(session, "test", by=SYSTEM, now=now, person_id=person.id)


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    load_customers(app_database)
    with TestClient(Starlette(routes=[Mount("/api", app=api)])) as made:
        made.headers["Authorization"] = f"Bearer {token('Morgan', 'manager')}"
        yield made


def said(email: str | None = "maria.lopez@dataflow.io", **more: Any) -> dict[str, Any]:
    event = {"name": "API best practices", "type": "webinar", "topic": "APIs", "date": DAY}
    did = {"attended": True, "duration": 45, "questionsAsked": 2, "sessionsAttended": ["Limits"]}
    return {"email": email, "event": event, "attendance": did} | more


def count(table: type) -> int:
    with transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_one_record_is_recorded_and_answered(client: TestClient, app_database: Engine):
    found = client.post(ADDRESS, json=said()).json()
    assert found["uploadId"].startswith("upl_")
    assert found["records"] == [
        {
            "verdict": "matched",
            "reason": None,
            "eventId": "evt_1",
            "customerId": "cus_1",
            "customer": "DataFlow Inc",
            "stakeholderId": "sth_1",
            "confidence": 0.99,
        }
    ]
    assert attendance(app_database).rows() == [
        ("maria.lopez@dataflow.io", "API best practices", 4, 45.0, 2, 1)
    ]


def test_each_record_of_a_batch_has_its_verdict_in_order(client: TestClient):
    sent = [
        said(),
        said("who@nowhere.example"),
        said(None),
        said(event={"name": "No date"}),
        said(event={"id": "evt_99"}),
        said(event={"name": "Odd", "date": DAY, "type": "seance"}),
        said(customerId="cus_99"),
        said(None, stakeholderId="sth_3"),
        said(),
    ]
    found = client.post(ADDRESS, json={"records": sent}).json()["records"]
    assert [one["verdict"] for one in found] == [
        "matched",
        "unmatched",
        "rejected",
        "rejected",
        "rejected",
        "rejected",
        "rejected",
        "matched",
        "duplicate",
    ]
    assert "needs a name and a date" in found[3]["reason"]
    assert "no such event" in found[4]["reason"]
    assert "no such event type" in found[5]["reason"]
    assert found[7]["customerId"] == "cus_2"
    assert count(Event) == 1
    assert count(Attendance) == 3


def test_a_bare_list_is_a_batch_and_what_is_wrong_is_said_of_its_place(client: TestClient):
    found = client.post(ADDRESS, json=[said(), said("tom.reed@dataflow.io")]).json()["records"]
    assert [one["verdict"] for one in found] == ["matched", "matched"]
    wrong = said(attendance={"duration": 99_999})
    for sent, place in ((wrong, "body.record."), ([said(), wrong], "body.batch.records.1.")):
        answer = client.post(ADDRESS, json=sent)
        fields = [one["field"] for one in answer.json()["errors"]]
        assert (answer.status_code, fields) == (422, [f"{place}attendance.duration"])
    for nothing in ([], {}, "x", None, {"records": []}):
        assert client.post(ADDRESS, json=nothing).status_code == 422
    assert count(Attendance) == 2


def test_the_same_call_again_records_nothing_and_answers_the_same(client: TestClient):
    key = {"Idempotency-Key": "call-1"}
    first = client.post(ADDRESS, json=said(), headers=key).json()
    again = client.post(ADDRESS, json=said(), headers=key).json()
    assert again == first | {"repeat": True}
    other = client.post(ADDRESS, json=said("tom.reed@dataflow.io"), headers=key)
    assert other.status_code == 422
    assert "other records" in other.json()["detail"]
    assert count(Upload) == 1


def test_without_a_key_the_same_records_count_once(client: TestClient):
    first = client.post(ADDRESS, json=said()).json()
    assert client.post(ADDRESS, json=said()).json()["uploadId"] == first["uploadId"]
    assert count(Upload) == 1


def test_keys_of_two_people_are_two_keys(client: TestClient):
    key = {"Idempotency-Key": "call-1"}
    client.post(ADDRESS, json=said(), headers=key)
    mine = {"Authorization": f"Bearer {token('Erik', 'manager')}"}
    answer = client.post(ADDRESS, json=said("tom.reed@dataflow.io"), headers=key | mine)
    assert answer.json()["repeat"] is False
    assert count(Upload) == 2


def test_when_nothing_can_be_used_nothing_is_written(client: TestClient):
    found = client.post(ADDRESS, json=said(event={"name": "No date"})).json()
    assert (found["uploadId"], found["records"][0]["verdict"]) == (None, "rejected")
    assert (count(Upload), count(Event), count(Attendance)) == (0, 0, 0)


def test_a_named_customer_is_remembered_for_the_address(client: TestClient):
    """A freelancer's own address, of which nothing would tell the customer."""
    found = client.post(ADDRESS, json=said("pat@freelance.example", customerId="cus_3")).json()
    assert found["records"][0]["customerId"] == "cus_3"
    later = said("pat@freelance.example", event={"name": "Summit", "date": DAY})
    assert client.post(ADDRESS, json=later).json()["records"][0]["customerId"] == "cus_3"
    with transaction(read_only=True) as session:
        kept = session.scalars(select(MatchAnswer)).one()
        assert (kept.kind, kept.verdict, kept.customer_id) == ("email", "is", 3)
        assert kept.answered_by is not None


def test_somebody_elses_stakeholder_is_not_moved_by_a_wrong_customer(client: TestClient):
    found = client.post(ADDRESS, json=said(customerId="cus_2")).json()["records"][0]
    assert (found["verdict"], count(MatchAnswer)) == ("rejected", 0)
    assert "recorded for another customer" in found["reason"]


def test_nobody_takes_a_colleagues_person(client: TestClient):
    """Neither by the domain of a customer one does not see, nor by somebody who is on record there."""
    dana = token("Dana")
    with transaction() as session:
        who = session.scalars(select(Person.id).where(Person.name == "Dana")).one()
        session.get_one(Customer, 3).csm_id = who
    mine = {"Authorization": f"Bearer {dana}"}
    fresh = said("new.person@dataflow.io", customerId="cus_3")
    found = client.post(ADDRESS, json=fresh, headers=mine).json()["records"][0]
    assert (found["verdict"], found["customerId"]) == ("rejected", None)
    assert "colleague" in found["reason"]
    client.post(ADDRESS, json=said("pat@freelance.example", customerId="cus_1"))
    theirs = said("pat@freelance.example", customerId="cus_3")
    found = client.post(ADDRESS, json=theirs, headers=mine).json()["records"][0]
    assert found["verdict"] == "rejected"
    with transaction(read_only=True) as session:
        (kept,) = session.scalars(select(MatchAnswer).where(MatchAnswer.withdrawn_at.is_(None)))
        assert (kept.key, kept.customer_id) == ("pat@freelance.example", 1)
        people = dict(session.execute(select(Participant.email, Participant.customer_id)).all())
    assert people == {"pat@freelance.example": 1}


@pytest.mark.parametrize(
    ("kind", "key", "verdict", "of", "verdict_then"),
    [
        ("email", "pat@freelance.example", "is", 1, "rejected"),
        ("email", "pat@freelance.example", "nobody", None, "rejected"),
        ("email", "pat@freelance.example", "never", 3, "rejected"),
        ("domain", "freelance.example", "is", 1, "rejected"),
        ("email", "pat@freelance.example", "never", 1, "matched"),
        ("domain", "freelance.example", "nobody", None, "matched"),
    ],
)
def test_a_persons_answer_is_not_overridden(
    client: TestClient, kind, key, verdict, of, verdict_then
):
    with transaction() as session:
        given = {"kind": kind, "key": key, "verdict": verdict, "customer_id": of}
        session.add(MatchAnswer(**given, answered_at=datetime.now(UTC)))
    sent = said("pat@freelance.example", customerId="cus_3")
    found = client.post(ADDRESS, json=sent).json()["records"][0]
    assert found["verdict"] == verdict_then
    with transaction(read_only=True) as session:
        withdrawn = session.scalars(
            select(MatchAnswer.withdrawn_at).where(MatchAnswer.id == 1)
        ).one()
    assert withdrawn is None


def test_an_event_on_record_is_joined_by_its_id_or_its_name(client: TestClient):
    first = client.post(ADDRESS, json=said()).json()["records"][0]["eventId"]
    by_id = client.post(ADDRESS, json=said("tom.reed@dataflow.io", event={"id": first})).json()
    renamed = {"name": " api  BEST practices", "date": DAY}
    by_name = client.post(ADDRESS, json=said("grace.hill@cobaltharbor.com", event=renamed)).json()
    assert {by_id["records"][0]["eventId"], by_name["records"][0]["eventId"]} == {first}
    assert count(Event) == 1


@pytest.mark.parametrize(
    ("event", "did", "words"),
    [
        ({"date": "9999-12-31T23:59:59-12:00"}, {}, "from 1990 to 2100"),
        ({"date": "0001-01-01T00:00:00+14:00"}, {}, "from 1990 to 2100"),
        ({"date": "2099-05-03"}, {"attended": True}, "3 May 2099: nobody can have attended it yet"),
        ({}, {"duration": 99_999}, "less than or equal to 10080"),
        ({}, {"joinedAt": "9999-12-31T23:59:59-12:00"}, "from 1990 to 2100"),
    ],
)
def test_what_cannot_be_is_refused_in_words(client: TestClient, event, did, words):
    found = client.post(
        ADDRESS, json=said(event={"name": "A", "date": DAY} | event, attendance=did)
    )
    assert found.status_code == 422
    assert words in found.text
    assert count(Event) == 0
    later = said(event={"name": "A", "date": "2099-05-03"}, attendance={"status": "registered"})
    assert client.post(ADDRESS, json=later).json()["records"][0]["verdict"] == "matched"


def test_undo_takes_the_whole_call_back(client: TestClient):
    made = client.post(ADDRESS, json={"records": [said(), said("tom.reed@dataflow.io")]}).json()
    assert client.post(f"/api/uploads/{made['uploadId']}/undo").status_code == 200
    assert (count(Attendance), count(Participant), count(Event)) == (0, 0, 0)
    again = client.post(ADDRESS, json={"records": [said(), said("tom.reed@dataflow.io")]}).json()
    assert (again["repeat"], count(Attendance)) == (False, 2)


def test_csm_may_record_anybody_but_learns_nothing_of_colleagues_customers(client: TestClient):
    mine = {"Authorization": f"Bearer {token('Dana')}"}
    found = client.post(ADDRESS, json=said(), headers=mine).json()["records"][0]
    assert (found["verdict"], found["customerId"], found["customer"]) == ("matched", None, None)
    named = client.post(ADDRESS, json=said(customerId="cus_1"), headers=mine).json()["records"][0]
    unknown = client.post(ADDRESS, json=said(customerId="cus_99"), headers=mine).json()["records"][
        0
    ]
    assert named == unknown
    assert named["verdict"] == "rejected"
    assert client.get("/api/events/customer/cus_1", headers=mine).status_code == 404


def test_csm_changes_nothing_on_record_of_colleagues_customers(
    client: TestClient, app_database: Engine
):
    client.post(ADDRESS, json=said())
    before = attendance(app_database).rows()
    mine = {"Authorization": f"Bearer {token('Dana')}"}
    event, missed = {"id": "evt_1"}, {"status": "no_show"}
    records = [said(event=event, attendance=missed), said("tom.reed@dataflow.io", event=event)]
    found = client.post(ADDRESS, json={"records": records}, headers=mine).json()["records"]
    assert [one["verdict"] for one in found] == ["rejected", "matched"]
    assert "colleague" in found[0]["reason"]
    assert (found[0]["customerId"], found[0]["stakeholderId"]) == (None, None)
    assert [row for row in attendance(app_database).rows() if row in before] == before
    # Those who look after it, and whoever sees all, correct it.
    client.post(ADDRESS, json=said(event=event, attendance=missed))
    assert attendance(app_database)["status"].to_list()[0] == NO_SHOW
    # That they are registered says nothing of whether they came.
    listed = {"attended": False, "registered": True}
    client.post(ADDRESS, json=said(event=event, attendance=listed))
    assert attendance(app_database)["status"].to_list()[0] == NO_SHOW


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"records": []},
        {"records": [said()] * 1001},
        said(attendance={"duration": -1}),
        said(attendance={"questionsAsked": "many"}),
        said(event={"name": "x" * 301, "date": DAY}),
        said(event={"name": "x", "date": "yesterday"}),
        [],
    ],
)
def test_what_is_no_record_is_refused_whole(client: TestClient, wrong: Any):
    assert client.post(ADDRESS, json=wrong).status_code == 422
    assert count(Upload) == 0


def test_numbers_may_be_texts_and_names_hostile(client: TestClient):
    odd = said(
        name='=HYPERLINK("http://evil")\u0000<script>',
        attendance={"duration": "45", "polls_answered": "2"},
    )
    assert client.post(ADDRESS, json=odd).json()["records"][0]["verdict"] == "matched"


def test_without_a_token_nothing_is_recorded(client: TestClient):
    answer = client.post(ADDRESS, json=said(), headers={"Authorization": ""})
    assert (answer.status_code, count(Upload)) == (401, 0)


def test_events_of_a_customer_come_in_the_shape_of_the_requirement(client: TestClient):
    client.post(
        ADDRESS,
        json={"records": [said(), said("tom.reed@dataflow.io", attendance={"status": "no_show"})]},
    )
    found = client.get("/api/events/customer/cus_1").json()
    assert (found["total"], len(found["records"])) == (2, 2)
    maria = next(one for one in found["records"] if one["stakeholderId"] == "sth_1")
    assert {one["name"] for one in found["records"]} == {"Maria Lopez", "Tom Reed"}
    assert maria["event"] == {
        "id": "evt_1",
        "name": "API best practices",
        "type": "webinar",
        "topic": "APIs",
        "date": DAY,
    }
    assert maria["attendance"] == {
        "status": "attended",
        "registered": True,
        "attended": True,
        "duration": 45.0,
        "engagementLevel": "high",
        "questionsAsked": 2,
        "downloadsCount": None,
        "pollsAnswered": None,
        "sessionsAttended": ["Limits"],
        "completed": None,
        "passed": None,
    }
    assert maria["followUp"] == {"generated": False, "draftId": None, "sent": False, "sentAt": None}
    tom = next(one for one in found["records"] if one["stakeholderId"] == "sth_2")
    assert (tom["attendance"]["attended"], tom["attendance"]["engagementLevel"]) == (False, None)
    page = client.get("/api/events/customer/cus_1", params={"limit": 1, "offset": 1}).json()
    assert (page["total"], len(page["records"])) == (2, 1)
    too_far = client.get("/api/events/customer/cus_1", params={"offset": 2**63})
    assert too_far.status_code == 422
    assert client.get("/api/events/customer/evt_1").status_code == 404
    assert count(Customer) == 3
