"""Calendar entries: one per key, however often and in whatever order they are put and removed."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from integrations.google_calendar import CalendarEntry, put, remove
from integrations.google_trouble import Trouble
from tests.support.fakes.gmail import GmailFake, running_gmail

CALL = CalendarEntry(
    "task:42",
    "Call Acme",
    "About the renewal",
    datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
    timedelta(minutes=30),
    "Europe/Vienna",
    link="https://engage.vendor.example/customer?id=cus_7",
    remind_minutes=10,
)


@pytest.fixture
def google() -> Generator[GmailFake]:
    with running_gmail() as fake:
        yield fake


def test_entry_says_when_where_and_what(google: GmailFake):
    number = put(google.account(), CALL)
    kept = google.entries[number]

    assert kept["summary"] == "Call Acme"
    assert kept["description"] == f"About the renewal\n\n{CALL.link}"
    assert kept["start"] == {"dateTime": "2026-12-01T09:30:00+00:00", "timeZone": "Europe/Vienna"}
    assert kept["end"]["dateTime"] == "2026-12-01T10:00:00+00:00"
    assert kept["reminders"]["overrides"] == [{"method": "popup", "minutes": 10}]


def test_whole_day_ends_with_the_day_and_keeps_the_day_free(google: GmailFake):
    number = put(google.account(), replace(CALL, start=date(2026, 12, 1), length=timedelta(0)))
    kept = google.entries[number]
    assert (kept["start"], kept["end"]) == ({"date": "2026-12-01"}, {"date": "2026-12-02"})
    assert kept["transparency"] == "transparent"


def test_putting_again_changes_the_entry(google: GmailFake):
    first = put(google.account(), CALL)
    second = put(google.account(), replace(CALL, title="Call Acme back"))
    assert first == second
    assert [e["summary"] for e in google.entries.values()] == ["Call Acme back"]


def test_removed_entry_can_come_back(google: GmailFake):
    number = put(google.account(), CALL)
    remove(google.account(), number)
    remove(google.account(), number)
    assert google.entries[number]["status"] == "cancelled"

    put(google.account(), CALL)
    assert google.entries[number]["status"] == "confirmed"


def test_put_that_was_cut_off_can_be_tried_again(google: GmailFake):
    google.next_faults["calendar"].append("dropped")
    with pytest.raises(Trouble) as trouble:
        put(google.account(seconds=0.5), CALL)
    assert trouble.value.kind == "unknown"

    put(google.account(), CALL)
    assert len(google.entries) == 1
