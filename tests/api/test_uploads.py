"""Attendance files over the API: preview, import, undo, and everything that is refused."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.main import api
from data.db import transaction
from data.settings import settings
from data.tables import CustomerDomain, Event, Person, Upload
from data.versions import MATCHING, bump
from services.access import SYSTEM, tokens
from services.ids import read_id
from services.uploads import job
from tests.services.uploads.world import attendance, line, load_customers, write_csv

pytestmark = pytest.mark.one_database

ADDRESS = "/api/events/attendance/upload"
LINES = [
    line("maria.lopez@dataflow.io"),
    line("tom.reed@dataflow.io"),
    line("tom.reed@dataflow.io"),
    line("stranger@nowhere.example"),
    line("", Name=""),
]


@pytest.fixture
def client(app_database: Engine) -> Generator[TestClient]:
    load_customers(app_database)
    site = Starlette(routes=[Mount("/api", app=api)])
    with TestClient(site, raise_server_exceptions=False) as made:
        made.headers["Authorization"] = f"Bearer {token('Ana', 'manager')}"
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "october.csv", LINES)


def token(name: str, role: str = "csm") -> str:
    now = datetime.now(UTC)
    with transaction() as session:
        person = Person(name=name, role=role, created_at=now)
        session.add(person)
        session.flush()
        return tokens.create_token(session, "test", by=SYSTEM, now=now, person_id=person.id)


def send(client: TestClient, file: Path, **query: Any) -> Any:
    with file.open("rb") as stream:
        return client.post(ADDRESS, params=query, files={"file": (file.name, stream)})


def problem(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["detail"]


def test_without_commit_a_file_is_only_looked_at(client: TestClient, file: Path):
    found = send(client, file).json()
    assert found["upload_id"].startswith("upl_")
    assert (found["state"], found["repeat"], found["records"]) == ("previewed", False, 5)
    verdicts = ("matched", "review", "unmatched", "rejected", "duplicates", "excluded")
    assert [found[v] for v in verdicts] == [2, 0, 1, 1, 1, 0]
    assert (found["users"], found["customers"], found["events"]) == (3, 1, 1)
    assert (found["date_from"], found["date_to"]) == ("2026-10-05", "2026-10-05")
    assert found["event_summary"] == [
        {"type": "webinar", "label": "Webinars", "events": 1, "attendees": 3, "average": 3.0}
    ]
    assert attendance(_engine()).is_empty()


def test_rows_that_are_not_matched_come_with_their_reason(client: TestClient, file: Path):
    found = send(client, file).json()
    assert found["rows_total"] == 3
    assert [(r["line"], r["verdict"]) for r in found["rows"]] == [
        (4, "duplicate"),
        (5, "unmatched"),
        (6, "rejected"),
    ]
    assert all(row["reason"] for row in found["rows"])


def test_rejected_rows_are_told_with_the_name_and_address_of_the_file(
    client: TestClient, tmp_path: Path
):
    said = [line("maria.lopez@dataflow.io"), line("tom.reed@dataflow.io", Name="Tom", Date="soon")]
    found = send(client, write_csv(tmp_path / "soon.csv", said)).json()
    (row,) = (one for one in found["rows"] if one["verdict"] == "rejected")
    assert (row["name"], row["email"]) == ("Tom", "tom.reed@dataflow.io")


def test_every_row_comes_page_by_page_when_asked_for(client: TestClient, file: Path):
    first = send(client, file, rows="all", limit=2).json()
    assert first["rows_total"] == 5
    assert [(r["line"], r["verdict"], r["customer"]) for r in first["rows"]] == [
        (2, "matched", "DataFlow Inc"),
        (3, "matched", "DataFlow Inc"),
    ]
    assert all(row["reason"] and row["stakeholder"] for row in first["rows"])
    address = f"/api/uploads/{first['upload_id']}"
    rest = client.get(address, params={"rows": "all", "offset": 2}).json()
    assert [row["line"] for row in rest["rows"]] == [4, 5, 6]
    assert problem(client.get(address, params={"rows": "some"}), 422)
    assert problem(client.get(address, params={"offset": 2**63}), 422)


def test_same_file_from_two_at_once_is_a_repeat_for_the_second(
    client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
):
    first = send(client, file).json()["upload_id"]
    start = job.start

    def overtaken(upload_id: int, step: str, **said: Any) -> job.Progress:
        if step == "commit" and upload_id != read_id("upload", first):
            start(read_id("upload", first), "commit", by=SYSTEM)
        return start(upload_id, step, **said)

    monkeypatch.setattr(job, "start", overtaken)
    second = send(client, file, commit="true")
    assert second.status_code == 200
    assert (second.json()["upload_id"], second.json()["repeat"]) == (first, True)
    assert attendance(_engine()).height == 3
    with transaction(read_only=True) as session:
        states = session.scalars(select(Upload.state).order_by(Upload.id)).all()
    assert states == ["committed", "discarded"]


def test_import_that_others_overtake_is_judged_anew(
    client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
):
    start, late = job.start, iter([True])

    def overtaken(upload_id: int, step: str, **said: Any) -> job.Progress:
        if step == "commit" and next(late, False):
            with transaction() as session:
                session.add(CustomerDomain(customer_id=3, domain="nowhere.example"))
                bump(session, MATCHING)
        return start(upload_id, step, **said)

    monkeypatch.setattr(job, "start", overtaken)
    found = send(client, file, commit="true").json()
    assert (found["state"], found["matched"]) == ("committed", 3)


def test_import_and_undo_over_the_api(client: TestClient, file: Path):
    found = send(client, file, commit="true").json()
    assert found["state"] == "committed"
    assert found["changes"] == {"new": 3, "changed": 0, "same": 0, "new_people": 3, "others": 0}
    assert attendance(_engine()).height == 3
    undone = client.post(f"/api/uploads/{found['upload_id']}/undo").json()
    assert undone["state"] == "undone"
    assert (undone["withdrawn"]["drafts"], undone["withdrawn"]["drafts_kept"]) == (0, 0)
    assert attendance(_engine()).is_empty()
    assert "imported" in problem(client.post(f"/api/uploads/{found['upload_id']}/undo"), 409)


def test_only_one_of_those_who_undo_at_once_has_done_it(client: TestClient, file: Path):
    address = f"/api/uploads/{send(client, file, commit='true').json()['upload_id']}/undo"
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: client.post(address), range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert [a.json()["state"] for a in answers if a.status_code == 200] == ["undone"]


def test_a_preview_says_that_days_and_months_cannot_be_told_apart(
    client: TestClient, tmp_path: Path
):
    said = line("maria.lopez@dataflow.io", Date="03/04/2026")
    file = write_csv(tmp_path / "either.csv", [said])
    found = send(client, file).json()
    assert (found["dates_ambiguous"], "day_first" in found["warnings"][-1]) == (True, True)
    assert "day_first" in problem(send(client, file, commit="true"), 422)
    chosen = send(client, file, day_first="true").json()
    assert (chosen["dates_ambiguous"], chosen["warnings"]) == (False, [])


def test_a_preview_can_be_imported_later(client: TestClient, file: Path):
    number = send(client, file).json()["upload_id"]
    assert client.post(f"/api/uploads/{number}/commit").json()["state"] == "committed"
    assert client.get(f"/api/uploads/{number}").json()["state"] == "committed"


def test_the_same_file_again_does_nothing(client: TestClient, file: Path):
    first = send(client, file, commit="true").json()
    again = send(client, file, commit="true").json()
    assert (again["upload_id"], again["repeat"]) == (first["upload_id"], True)
    assert attendance(_engine()).height == 3


def test_a_colleagues_file_is_known_but_not_shown(client: TestClient, file: Path):
    number = send(client, file, commit="true").json()["upload_id"]
    client.headers["Authorization"] = f"Bearer {token('Cara')}"
    assert "colleague" in problem(send(client, file), 409)
    problem(client.get(f"/api/uploads/{number}"), 404)
    problem(client.post(f"/api/uploads/{number}/undo"), 404)
    assert attendance(_engine()).height == 3


def test_the_event_can_be_named_with_the_file(client: TestClient, file: Path):
    found = send(
        client, file, event_name="Summit", event_type="conference", event_date="2026-09-01"
    )
    assert found.json()["date_from"] == "2026-09-01"
    assert found.json()["event_summary"][0]["type"] == "conference"


def test_one_name_for_several_events_is_refused(client: TestClient, tmp_path: Path):
    lines = [line("maria.lopez@dataflow.io"), line("maria.lopez@dataflow.io", "Another")]
    answer = send(
        client, write_csv(tmp_path / "two.csv", lines), event_name="Summit", commit="true"
    )
    assert "2 events" in problem(answer, 422)
    assert attendance(_engine()).is_empty()


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"zone": "Mars/Olympus"}, "time zone"),
        ({"event_type": "party"}, "event type"),
        ({"mapping": "[1]"}, "mapping"),
        ({"mapping": '{"mood": "Name"}'}, "mood"),
        ({"statuses": '["Attended"]'}, "statuses"),
        ({"statuses": '{"Dialled in": "here"}'}, "no_show"),
        ({"event_date": "05.10.2026"}, "errors"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_words(
    client: TestClient, file: Path, query: dict[str, str], word: str
):
    assert word in problem(send(client, file, **query), 422)


def test_unknown_columns_are_named_and_can_be_mapped(client: TestClient, tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("Wer,Adresse,Wann\nMaria,maria.lopez@dataflow.io,2026-10-05\n")
    assert "Wer, Adresse, Wann" in problem(send(client, file), 422)
    missing = '{"name": "Wer", "email": "E-Mail", "date": "Wann"}'
    assert "no column “E-Mail”" in problem(send(client, file, mapping=missing), 422)
    mapping = '{"name": "Wer", "email": "Adresse", "date": "Wann"}'
    assert send(client, file, mapping=mapping).json()["matched"] == 1


def test_words_for_a_status_are_named_and_their_meaning_can_be_sent(
    client: TestClient, tmp_path: Path
):
    said = line("maria.lopez@dataflow.io", Status="Dialled in", Duration="")
    file = write_csv(tmp_path / "a.csv", [said])
    found = send(client, file).json()
    assert found["status_words"] == [{"word": "Dialled in", "rows": 1, "means": None}]
    assert found["rejected"] == 1
    found = send(client, file, statuses='{"dialled in": "attended"}', commit="true").json()
    assert found["status_words"] == [{"word": "Dialled in", "rows": 1, "means": "attended"}]
    assert found["changes"]["new"] == 1


def test_file_of_which_nothing_counts_is_refused_and_kept_to_be_looked_at(
    client: TestClient, tmp_path: Path
):
    said = line("maria.lopez@dataflow.io", Status="Dialled in", Duration="")
    file = write_csv(tmp_path / "a.csv", [said])
    refused = problem(send(client, file, commit="true"), 422)
    assert "Nothing in this file counts" in refused
    upload = f"/api/uploads/{refused.rsplit('/', 1)[1].rstrip('.')}"
    kept = client.get(upload).json()
    assert (kept["state"], kept["events"], len(kept["rows"])) == ("previewed", 0, 1)
    assert "Nothing in this file counts" in problem(client.post(f"{upload}/commit"), 422)
    with transaction(_engine(), read_only=True) as session:
        assert session.scalars(select(Event.id)).all() == []


def test_answers_sent_with_a_file_that_counts_already_are_not_passed_over_in_silence(
    client: TestClient, tmp_path: Path
):
    said = line("maria.lopez@dataflow.io", Status="Dialled in", Duration="")
    file = write_csv(tmp_path / "a.csv", [said, line("tom.reed@dataflow.io")])
    assert send(client, file, commit="true").json()["rejected"] == 1
    answers = '{"dialled in": "attended"}'
    again = send(client, file, statuses=answers, commit="true").json()
    assert (again["repeat"], again["rejected"]) == (True, 1)
    assert "the meanings of words sent with it now changed nothing" in again["warnings"][-1]
    client.post(f"/api/uploads/{again['upload_id']}/undo")
    done = send(client, file, statuses=answers, commit="true").json()
    assert (done["repeat"], done["rejected"], done["warnings"]) == (False, 0, [])
    same = send(client, file, statuses=answers, commit="true").json()
    assert (same["repeat"], same["warnings"]) == (True, [])


@pytest.mark.parametrize("body", [b"", b"\x89PNG\r\n\x1a\n" + bytes(200)], ids=["empty", "image"])
def test_a_file_that_is_no_list_is_refused_in_words(
    client: TestClient, tmp_path: Path, body: bytes
):
    file = tmp_path / "a.csv"
    file.write_bytes(body)
    assert problem(send(client, file, commit="true"), 422)


def test_a_form_without_a_file_says_how_to_send_one(client: TestClient):
    assert "-F file=@" in problem(client.post(ADDRESS, data={"file": "text"}), 422)
    assert "-F file=@" in problem(client.post(ADDRESS), 422)


def test_an_event_without_a_date_is_asked_for(client: TestClient, tmp_path: Path):
    file = write_csv(tmp_path / "a.csv", [line("maria.lopez@dataflow.io", Date="")])
    assert "date" in problem(send(client, file, commit="true"), 422)


def test_too_much_is_refused_before_it_is_read(
    client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings(), "upload_max_mb", 0)
    file.write_bytes(b"x" * 100_000)
    assert "limit" in problem(send(client, file), 413)

    def unannounced():
        yield b"x" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert "limit" in problem(client.post(ADDRESS, content=unannounced(), headers=headers), 413)
    with transaction(read_only=True) as session:
        assert session.query(Upload).count() == 0


def test_without_a_token_nothing_is_read(client: TestClient, file: Path):
    del client.headers["Authorization"]
    assert "token" in problem(send(client, file), 401)


def test_a_large_file_is_worked_on_elsewhere(
    client: TestClient, file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(job, "SMALL", 0)
    found = send(client, file, commit="true").json()
    assert found["state"] == "committed"
    assert attendance(_engine()).height == 3


def _engine() -> Engine:
    with transaction(read_only=True) as session:
        bind = session.get_bind()
    assert isinstance(bind, Engine)
    return bind
