"""What desks post: who may be believed, and what it tells of tickets."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadInput
from integrations.hooks import VENDORS, freshdesk, intercom, jira, zendesk
from integrations.hooks.records import Vendor
from integrations.own_states import meant, unnamed
from integrations.ticket_records import CHANGES, MESSAGES, TICKETS, Told, escalated_to, state_of

SECRET = "test-secret-not-real"
SOLVED = Path(__file__).resolve().parents[2] / "samples/webhook_zendesk_ticket_solved.json"
SENT = datetime(2026, 9, 18, 13, 5, 22, tzinfo=UTC)
NOW = datetime(2026, 9, 18, 13, 6, tzinfo=UTC)
SIGNED = {
    "x-zendesk-webhook-signature-timestamp": "2026-09-18T13:05:22Z",
    "x-zendesk-webhook-signature": "crvGRmG2oxhSEIwhtgmeADBOKw/XnmMpcSDhF2yKlkk=",
}
DESKS = [vendor for vendor in VENDORS.values() if vendor.tickets is not None]


def told(vendor: Vendor, *bodies: Any) -> Told:
    assert vendor.tickets is not None
    return vendor.tickets(
        [one if isinstance(one, bytes) else json.dumps(one).encode() for one in bodies]
    )


def test_five_desks_are_there():
    assert [one.key for one in DESKS] == [
        "zendesk", "intercom", "freshdesk", "jira", "hubspot_tickets",
    ]  # fmt: skip


def test_zendesk_signs_time_and_body_with_nothing_between():
    raw = SOLVED.read_bytes()
    assert zendesk.verify(SIGNED, raw, ["another", SECRET], NOW)
    assert not zendesk.verify(SIGNED, raw + b" ", [SECRET], NOW)
    assert not zendesk.verify(SIGNED, raw, ["another"], NOW)
    assert not zendesk.verify(SIGNED, raw, [SECRET], SENT + timedelta(minutes=6))
    hexed = hmac.new(SECRET.encode(), b"2026-09-18T13:05:22Z" + raw, hashlib.sha256).hexdigest()
    wrong = SIGNED | {"x-zendesk-webhook-signature": hexed}
    assert not zendesk.verify(wrong, raw, [SECRET], NOW)


def test_zendesk_tells_of_a_solved_ticket():
    found = told(zendesk.VENDOR, SOLVED.read_bytes())
    (row,) = found.tickets.to_dicts()
    assert (row["number"], row["state"], row["severity"]) == ("1004", "solved", "urgent")
    assert row["requester_ref"] == "360000000004"
    assert row["requester_email"] is None
    assert row["escalated_to"] == "a higher level"
    assert str(row["solved_at"]) == "2026-09-18 13:05:21"
    (changed,) = found.changes.to_dicts()
    assert changed["key"] == "9d0c1e5a-3b77-4f02-8a64-1c2f5e7ab901"
    assert (changed["what"], changed["before"], changed["value"]) == ("state", "open", "solved")
    (written,) = found.messages.to_dicts()
    assert (written["author"], written["text"]) == ("customer", "Nightly sync fails with 429.")


def test_zendesk_says_who_wrote_a_comment():
    body = json.loads(SOLVED.read_bytes())
    body["event"] = {
        "comment": {"id": "9", "body": "A\nB", "is_public": False, "author": {"is_staff": True}}
    }
    written = told(zendesk.VENDOR, body).messages.to_dicts()[1]
    assert (written["author"], written["internal"], written["text"]) == ("agent", True, "A\nB")


def test_intercom_is_believed_by_its_own_kind_of_signature():
    raw = b'{"type":"notification_event","topic":"ping"}'
    right = "sha1=" + hmac.new(SECRET.encode(), raw, hashlib.sha1).hexdigest()
    assert intercom.verify({"x-hub-signature": right}, raw, [SECRET], NOW)
    assert not intercom.verify({"x-hub-signature": right}, raw + b"x", [SECRET], NOW)
    assert not intercom.verify({}, raw, [SECRET], NOW)
    assert intercom.sort({}, raw, []).subject is None


def test_intercom_tells_of_a_closed_conversation():
    body = {
        "topic": "conversation.admin.closed",
        "id": "notif_1",
        "created_at": 1789736722,
        "data": {
            "item": {
                "id": 77,
                "state": "closed",
                "title": "Sync",
                "created_at": 1789650000,
                "source": {
                    "id": "1", "body": "<p>It fails</p><p>again</p>",
                    "author": {"type": "user", "id": "u1", "name": "Ana", "email": "ana@acme.example"},
                },
                "conversation_parts": {
                    "conversation_parts": [
                        {"id": "2", "part_type": "note", "body": "angry one", "created_at": 1789650100,
                         "author": {"type": "admin", "name": "Sam"}},
                    ]
                },
                "conversation_rating": {"rating": 1, "remark": "slow", "created_at": 1789736800},
            }
        },
    }  # fmt: skip
    found = told(intercom.VENDOR, body)
    (row,) = found.tickets.to_dicts()
    assert (row["number"], row["state"], row["csat"]) == ("77", "solved", "bad")
    assert row["requester_email"] == "ana@acme.example"
    assert row["description"] == "It fails\nagain"
    assert found.changes["what"].to_list() == ["state", "csat"]
    assert found.messages["author"].to_list() == ["customer", "agent"]
    assert found.messages["internal"].to_list() == [False, True]


def test_freshdesk_sends_a_password_along():
    given = {"authorization": "Basic " + b64encode(f"cscx:{SECRET}".encode()).decode()}
    assert freshdesk.verify(given, b"", [SECRET], NOW)
    assert not freshdesk.verify(given, b"", ["another"], NOW)


def test_freshdesk_tells_of_a_ticket_by_name_or_by_number():
    named = {
        "freshdesk_webhook": {
            "ticket_id": 5,
            "ticket_status": "Resolved",
            "ticket_priority": "High",
        }
    }
    coded = {"id": 5, "status": 4, "priority": 3, "updated_at": "2026-01-27T10:00:00Z"}
    for body in (named, coded):
        (row,) = told(freshdesk.VENDOR, body).tickets.to_dicts()
        assert (row["number"], row["state"], row["severity"]) == ("5", "solved", "high")
    assert told(freshdesk.VENDOR, coded).changes["value"].to_list() == ["solved"]


def test_states_of_a_desks_own_making_are_what_an_admin_says():
    coded = {"id": 5, "status": "Waiting  on QA", "updated_at": "2026-01-27T10:00:00Z"}
    stage = {"subscriptionType": "ticket.propertyChange", "objectId": 12, "eventId": 3, "occurredAt": 1789736723000,
             "propertyName": "hs_pipeline_stage", "propertyValue": "99001"}  # fmt: skip
    waits, moved = told(freshdesk.VENDOR, coded), told(VENDORS["hubspot_tickets"], [stage, stage])
    assert (waits.changes.height, moved.changes.height) == (0, 0)
    named = {"waiting on qa": "closed", "99001": "solved"}
    assert meant(waits, {}, "open").changes["value"].to_list() == ["open"]
    assert meant(waits, named, "open").changes["value"].to_list() == ["closed"]
    assert meant(moved, {}, None).changes.is_empty()
    assert meant(moved, named, None).changes["key"].to_list() == ["3", "3"]
    assert meant(moved, named, None).changes["value"].to_list() == ["solved", "solved"]
    assert (unnamed(moved, {}), unnamed(moved, named)) == ({"99001": 2}, {})
    undated = meant(told(freshdesk.VENDOR, coded | {"updated_at": None}), named, "open")
    assert (undated.changes.height, undated.tickets["state"].to_list()) == (0, [None, "closed"])


def test_jira_signs_the_body():
    raw = b'{"webhookEvent":"jira:issue_updated","issue":{"key":"SUP-4"}}'
    right = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    assert jira.verify({"x-hub-signature": right}, raw, [SECRET], NOW)
    assert not jira.verify({"x-hub-signature": right[:-1] + "x"}, raw, [SECRET], NOW)
    assert jira.sort({}, raw, []).subject == "ticket:SUP-4"


def test_jira_tells_of_a_change_and_a_comment():
    body = {
        "timestamp": 1789736722000,
        "webhookEvent": "jira:issue_updated",
        "issue": {
            "key": "SUP-4",
            "fields": {
                "summary": "Sync fails",
                "status": {"name": "Fertig", "statusCategory": {"key": "done"}},
                "priority": {"name": "Highest"},
                "resolution": {"name": "Won't Do"},
                "created": "2026-09-14T08:00:00.000+0200",
                "resolutiondate": "2026-09-18T15:05:22.000+0200",
                "reporter": {"accountId": "a1", "displayName": "Ana"},
            },
        },
        "changelog": {
            "id": "88",
            "items": [{"field": "status", "fromString": "In Progress", "toString": "Fertig"}],
        },
        "comment": {"id": "3", "body": "Done", "created": "2026-09-18T15:00:00.000+0200",
                    "author": {"accountId": "a2", "accountType": "atlassian"}, "jsdPublic": True},
    }  # fmt: skip
    found = told(jira.VENDOR, body)
    (row,) = found.tickets.to_dicts()
    assert (row["number"], row["state"], row["severity"]) == ("SUP-4", "solved", "urgent")
    assert str(row["solved_at"]) == "2026-09-18 13:05:22"
    assert row["resolution"] is None
    (changed,) = found.changes.to_dicts()
    assert (changed["before"], changed["value"]) == ("open", "solved")
    assert found.messages["author"].to_list() == ["agent"]


def test_hubspot_tells_one_property_at_a_time():
    bodies = [
        {"subscriptionType": "ticket.creation", "objectId": 12, "eventId": 1, "occurredAt": 1789650000000},
        {"subscriptionType": "ticket.propertyChange", "objectId": 12, "eventId": 2,
         "occurredAt": 1789736722000, "propertyName": "hs_ticket_priority", "propertyValue": "HIGH"},
        {"subscriptionType": "ticket.propertyChange", "objectId": 12, "eventId": 3,
         "occurredAt": 1789736723000, "propertyName": "hs_pipeline_stage", "propertyValue": "4"},
        {"subscriptionType": "contact.creation", "objectId": 13, "eventId": 4},
    ]  # fmt: skip
    found = told(VENDORS["hubspot_tickets"], bodies)
    assert found.tickets["number"].to_list() == ["12", "12", "12"]
    assert found.changes["value"].to_list() == ["new", "high", "closed"]


@pytest.mark.parametrize("vendor", DESKS, ids=lambda one: one.key)
@given(body=st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["detail", "ticket", "id", "data", "item", "issue", "key", "fields", "type",
                         "topic", "webhookEvent", "objectId", "subscriptionType", "freshdesk_webhook",
                         "created_at", "time", "timestamp", "status", "comment", "author", "tags"]),
        inner, max_size=5),
    max_leaves=20,
))  # fmt: skip
def test_no_body_breaks_a_reader(vendor: Vendor, body: Any):
    raw = json.dumps(body).encode()
    try:
        said = vendor.sort({}, raw, [])
    except BadInput:
        said = None
    found = told(vendor, raw)
    assert said is None or len(said.kind) <= 80
    assert dict(found.tickets.schema) == TICKETS
    assert dict(found.changes.schema) == CHANGES
    assert dict(found.messages.schema) == MESSAGES


def test_states_and_teams_are_told_in_our_words():
    assert [state_of(said) for said in ("On-hold", "WAITING_ON_CONTACT", "In Progress", "Fertig")] == [
        "on_hold", "pending", "open", None,
    ]  # fmt: skip
    assert escalated_to("api", "tier_3") == "engineering"
    assert escalated_to("Escalations to management") == "management"
    assert escalated_to("api", None) is None
