"""What vendors send by themselves: who may be believed, and what it amounts to."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadInput
from integrations.hooks import VENDORS, signed, skilljar, thinkific, xapi, zoom
from integrations.hooks.records import hmac_hex

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SECRET = "test-secret-not-real"
VECTORS = {
    "webhook_zoom_participant_left.json": (
        "1789660991",
        "v0=87d8bff1918358fdc8e4dbf3568220552a55b04180a69dbf0177278fb21df907",
    ),
    "webhook_zoom_participant_joined.json": (
        "1789657182",
        "v0=842598e5eb93a69dd58766158684a8f39c3f60328a39451eb773ae40fb1b6aeb",
    ),
    "webhook_zoom_registration_created.json": (
        "1788458532",
        "v0=ccac3326e2c528f59940d8ced0da088db92d5944f24e4dff77520e553f6a9ede",
    ),
    "webhook_zoom_url_validation.json": (
        "1789660001",
        "v0=80934b21eb1955048c7d41e63c9ab794ed6395f826dde8ecd29df5e7e21d4d9b",
    ),
}
START = datetime(2026, 9, 17, 14, 58, tzinfo=UTC)


def at(stamp: str) -> datetime:
    return datetime.fromtimestamp(int(stamp), UTC)


def headers(stamp: str, signature: str) -> dict[str, str]:
    return {"x-zm-request-timestamp": stamp, "x-zm-signature": signature}


def body(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", VECTORS)
def test_zoom_signs_the_bytes_as_they_came(name: str):
    stamp, signature = VECTORS[name]
    raw, sent = body(name), headers(stamp, signature)
    assert zoom.verify(sent, raw, [SECRET], at(stamp))
    assert zoom.verify(sent, raw, ["another", SECRET], at(stamp) + timedelta(seconds=299))
    assert not zoom.verify(sent, raw + b" ", [SECRET], at(stamp))
    assert not zoom.verify(
        sent, json.dumps(json.loads(raw), indent=1).encode(), [SECRET], at(stamp)
    )
    assert not zoom.verify(sent, raw, [SECRET], at(stamp) + timedelta(seconds=301))
    assert not zoom.verify(sent, raw, ["another"], at(stamp))
    assert not zoom.verify(sent, raw, [], at(stamp))


def test_zoom_is_answered_with_the_secret_it_asked_with():
    name = "webhook_zoom_url_validation.json"
    said = zoom.sort(headers(*VECTORS[name]), body(name), ["newer", SECRET])
    assert not said.stored
    assert said.answer == {
        "plainToken": "k3PzT9sWnQ2eHb6LxV0dYg",
        "encryptedToken": "1f27291615e694a9cd3f12a725b1d57040ae8d8aa53d71af129ba5e7d2a8d645",
    }


def test_what_zoom_says_of_one_occurrence_belongs_together():
    joined = zoom.sort({}, body("webhook_zoom_participant_joined.json"), [SECRET])
    left = zoom.sort({}, body("webhook_zoom_participant_left.json"), [SECRET])
    registered = zoom.sort({}, body("webhook_zoom_registration_created.json"), [SECRET])
    assert joined.subject == left.subject == "webinar:/uFsdW1lbnJpZGdlLTAxIQ=="
    assert registered.subject == "webinar-registrations:84522109137"
    assert joined.number != left.number


def test_unknown_events_of_zoom_are_nobodys_subject():
    said = zoom.sort({}, b'{"event": "phone.callee_ringing", "payload": {}}', [SECRET])
    assert (said.subject, said.stored) == (None, True)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b'{"event": {}}', b"[" * 100_000])
def test_signed_nonsense_is_refused_in_words(raw: bytes):
    with pytest.raises(BadInput):
        zoom.sort({}, raw, [SECRET])


def move(kind: str, who: str, user: str, minutes: float, **said: Any) -> bytes:
    when = (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = "join_time" if kind == "joined" else "leave_time"
    person = {
        "participant_uuid": who,
        "user_id": user,
        "user_name": who.title(),
        "email": f"{who}@dataflow.io",
        key: when,
    }
    about = {
        "uuid": "/occ==",
        "id": said.pop("id", "845"),
        "topic": "API best practices",
        "start_time": "2026-09-17T14:58:00Z",
        "timezone": "America/New_York",
        "duration": said.pop("duration", 60),
        "participant": person | said,
    }
    return json.dumps(
        {"event": f"webinar.participant_{kind}", "payload": {"object": about}}
    ).encode()


def ended(minutes: float) -> bytes:
    end = (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    about = {"uuid": "/occ==", "id": "845", "topic": "API best practices", "end_time": end}
    return json.dumps({"event": "webinar.ended", "payload": {"object": about}}).encode()


def stretches(*bodies: bytes) -> list[tuple[str, float | None, float | None]]:
    """Name, and minutes after the start joined and left."""
    rows = zoom.gather(bodies).rows
    begin = START.replace(tzinfo=None)

    def after(when: datetime | None) -> float | None:
        return None if when is None else (when - begin).total_seconds() / 60

    return [
        (name, after(joined), after(left))
        for name, joined, left in rows.select("name", "joined_at", "left_at").iter_rows()
    ]


def test_the_devices_of_one_person_are_told_apart():
    found = stretches(
        move("joined", "maria", "1", 0),
        move("joined", "maria", "2", 10),
        move("left", "maria", "1", 30),
        move("left", "maria", "2", 50),
    )
    assert found == [("Maria", 0, 30), ("Maria", 10, 50)]


def test_whoever_did_not_leave_stayed_until_the_end():
    open_end = move("joined", "maria", "1", 5)
    assert stretches(open_end) == [("Maria", 5, None)]
    assert stretches(open_end, ended(58), ended(60)) == [("Maria", 5, 60)]


def test_a_leave_alone_says_that_somebody_was_there_but_not_how_long():
    parsed = zoom.gather([move("left", "maria", "1", 40), ended(60)])
    assert parsed.rows.select("status", "joined_at", "note").row(0) == (
        "attended",
        None,
        "no time of joining",
    )


def test_a_lost_leave_and_a_lost_join_of_one_person_make_one_stretch():
    assert stretches(move("joined", "maria", "1", 0), move("left", "maria", "2", 40)) == [
        ("Maria", 0, 40)
    ]


def test_numbers_may_come_as_texts_and_addresses_empty():
    one = zoom.gather([move("joined", "maria", "1", 0, id=845, duration="60")])
    other = zoom.gather([move("joined", "maria", "1", 0, email="", user_id=1)])
    assert one.events.row(0, named=True)["source_event_id"] == "845"
    assert one.events["duration_minutes"].to_list() == [60.0]
    assert other.rows["email"].to_list() == [None]
    both = zoom.gather([move("joined", "maria", "1", 0, email=""), move("left", "maria", "1", 9)])
    assert both.rows["email"].to_list() == ["maria@dataflow.io"]


def test_the_clock_of_the_event_is_that_of_its_zone():
    event = zoom.gather([move("joined", "maria", "1", 0)]).events.row(0, named=True)
    assert (event["zone"], event["starts_at"].isoformat()) == (
        "America/New_York",
        "2026-09-17T10:58:00",
    )
    odd = move("joined", "maria", "1", 0).replace(b"America/New_York", b"../../etc/passwd")
    assert zoom.gather([odd]).events["zone"].to_list() == ["UTC"]


MOVES = [
    move(kind, who, user, minute)
    for who in ("maria", "tom", "ana")
    for user, kind, minute in (
        ("1", "joined", 0),
        ("1", "left", 12.5),
        ("2", "joined", 20),
        ("2", "left", 44),
        ("3", "joined", 30),
    )
] + [ended(61), ended(60)]


@given(st.data())
def test_the_order_and_number_of_deliveries_changes_nothing(data: st.DataObject):
    many = data.draw(st.lists(st.sampled_from(MOVES), max_size=60))
    shuffled = data.draw(st.permutations([*MOVES, *many]))
    wanted, found = zoom.gather(MOVES), zoom.gather(shuffled)
    assert found.rows.equals(wanted.rows)
    assert found.events.equals(wanted.events)


def test_a_registration_taken_back_is_the_last_word():
    made = body("webhook_zoom_registration_created.json")
    gone = made.replace(b"registration_created", b"registration_cancelled").replace(
        b"1788458531000", b"1788458539000"
    )
    for order in ([made, gone], [gone, made, gone]):
        parsed = zoom.gather(order)
        row = parsed.rows.row(0, named=True)
        assert parsed.kind == "registration"
        assert (row["status"], row["company"]) == ("cancelled", "Bluefin Analytics")
        assert row["registered_at"].isoformat() == "2026-09-03T18:02:11"
        assert row["detail"] == "Which feature do you use most?: Alerts"


def test_thinkific_signs_its_body_and_says_the_share_as_a_text():
    said = {
        "id": "99",
        "resource": "enrollment",
        "action": "progress",
        "created_at": "2026-10-02T09:30:00.000Z",
        "payload": {
            "percentage_completed": "1.0",
            "completed_at": "2026-10-02T09:29:00.000Z",
            "user": {"id": 7, "email": "Maria.Lopez@dataflow.io", "first_name": "Maria"},
            "course": {"id": 12, "name": "Admin 101"},
        },
    }
    raw = json.dumps(said).encode()
    good = {"x-thinkific-hmac-sha256": hmac_hex(SECRET, raw)}
    assert thinkific.verify(good, raw, [SECRET], START)
    assert not thinkific.verify(good, raw + b"\n", [SECRET], START)
    assert not thinkific.verify({}, raw, [SECRET], START)
    sorted_ = thinkific.sort({}, raw, [SECRET])
    assert (sorted_.number, sorted_.subject) == ("99", "day:2026-10-02")
    parsed = thinkific.gather([raw, raw])
    row = parsed.rows.row(0, named=True)
    assert parsed.rows.height == 1
    assert (row["status"], row["completed"]) == ("attended", True)
    assert parsed.events["name"].to_list() == ["Admin 101"]
    half = json.dumps(said | {"payload": said["payload"] | {"percentage_completed": "0.5"}})
    assert thinkific.gather([half.encode()]).rows["status"].to_list() == ["registered"]


def test_skilljar_tells_enrolled_from_completed():
    def sent(kind: str, stamp: str) -> bytes:
        user = {"id": "u1", "email": "tom.reed@dataflow.io", "first_name": "Tom"}
        course = {"id": "c1", "title": "Admin 101"}
        said = {"event_type": kind, "timestamp": stamp, "user": user, "course": course}
        return json.dumps(said).encode()

    made = sent("COURSE_ENROLLMENT", "2026-10-01T08:00:00+00:00")
    done = sent("COURSE_COMPLETION", "2026-10-01T10:00:00+00:00")
    assert skilljar.sort({}, done, []).subject == "day:2026-10-01"
    assert skilljar.sort({}, sent("LESSON_VIEW", "2026-10-01T08:00:00+00:00"), []).subject is None
    rows = skilljar.gather([made, done]).rows
    assert sorted(rows.select("status", "completed").rows()) == [
        ("attended", True),
        ("registered", False),
    ]


def test_learning_records_need_the_password_and_name_their_statements():
    raw = body("xapi_statements.json")
    good = {"authorization": "Basic " + b64encode(f"cscx:{SECRET}".encode()).decode()}
    assert xapi.verify(good, raw, [SECRET], START)
    assert not xapi.verify({"authorization": f"Bearer {SECRET}"}, raw, [SECRET], START)
    said = xapi.sort({}, raw, [SECRET])
    assert len(said.answer) == 6
    parsed = xapi.gather([raw, raw])
    assert parsed.rows.height == 6
    passed = parsed.rows.filter(pl.col("passed")).height
    failed = parsed.rows.filter(~pl.col("passed")).height
    assert (passed, failed) == (2, 1)


def test_a_statement_without_an_id_always_gets_the_same():
    raw = b'{"actor": {}, "verb": {}, "object": {"id": "x"}}'
    assert xapi.sort({}, raw, []).answer == xapi.sort({}, raw, []).answer
    with pytest.raises(BadInput, match="an actor, a verb and an object"):
        xapi.sort({}, b'{"actor": {}}', [])


def test_a_system_of_ones_own_signs_id_time_and_body():
    secret = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
    raw = json.dumps(
        {"email": "maria.lopez@dataflow.io", "event": {"name": "Summit", "date": "2026-10-01"}}
    ).encode()
    stamp = str(int(START.timestamp()))
    right = "v1," + signed._sign(secret, b"msg_1." + stamp.encode() + b"." + raw)
    sent = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,AAAA {right}",
    }
    assert signed.verify(sent, raw, [secret], START)
    assert not signed.verify(sent | {"webhook-id": "msg_2"}, raw, [secret], START)
    assert not signed.verify(sent, raw, [secret], START + timedelta(minutes=6))
    assert signed.sort(sent, raw, [secret]).subject == "records:msg_1"
    with pytest.raises(BadInput, match=r"records\.0\.event"):
        signed.sort(sent, b'{"email": "a@b.example"}', [secret])


def test_every_vendor_is_listed_under_its_own_name():
    assert [vendor.key for vendor in VENDORS.values()] == list(VENDORS)
