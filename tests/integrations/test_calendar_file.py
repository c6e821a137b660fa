"""Calendar files: what a calendar reads back, and what cannot be slipped in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from data.errors import BadInput
from integrations.calendar_file import Entry, Invitee, content_type, ics

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENTRY = Entry(
    uid="evt_7.3@engage.example.com",
    title="Security webinar",
    stamp=NOW,
    zone="Europe/Berlin",
    start=datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
    end=datetime(2026, 12, 1, 10, 0, tzinfo=UTC),
    description="Bring questions.\nJoin early.",
    location="Room 1; north, left",
    url="https://events.example.com/7?a=1",
    organiser=Invitee("Ana Souza", "ana@vendor.example"),
    attendees=(Invitee("María", "maria@customer.example"),),
    alarm=timedelta(hours=1),
)
WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=120)


def read(raw: bytes, kind: str = "VEVENT") -> Any:
    (found,) = Calendar.from_ical(raw).walk(kind)
    return found


def test_an_event_reads_back_in_its_zone():
    event = read(ics(ENTRY))
    assert event.decoded("dtstart") == ENTRY.start
    assert event.decoded("dtstart").tzinfo == ZoneInfo("Europe/Berlin")
    assert event.decoded("dtend") == ENTRY.end
    assert event["summary"] == "Security webinar"
    assert event["location"] == ENTRY.location
    assert event["description"] == ENTRY.description
    assert event["uid"] == ENTRY.uid
    assert event["url"] == ENTRY.url
    assert event["organizer"] == "mailto:ana@vendor.example"
    assert event["attendee"] == "mailto:maria@customer.example"
    assert event.walk("VALARM")[0].decoded("trigger") == timedelta(hours=-1)


def test_the_zone_travels_with_the_event():
    (zone,) = Calendar.from_ical(ics(ENTRY)).walk("VTIMEZONE")
    assert zone["tzid"] == "Europe/Berlin"
    assert len(ics(ENTRY)) < 2_500


def test_a_task_is_due_and_reminds_before_that():
    task = read(ics(replace(ENTRY, kind="task", start=None)), "VTODO")
    assert task.decoded("due") == ENTRY.end
    assert task["status"] == "NEEDS-ACTION"
    assert task.walk("VALARM")[0]["trigger"].params["RELATED"] == "END"


def test_an_invitation_that_is_taken_back_says_so():
    raw = ics(replace(ENTRY, sequence=2), method="CANCEL")
    event = read(raw)
    assert Calendar.from_ical(raw)["method"] == "CANCEL"
    assert (event["status"], event["sequence"], event["uid"]) == ("CANCELLED", 2, ENTRY.uid)
    assert "method=CANCEL" in content_type("CANCEL")


def test_the_same_entry_is_the_same_bytes():
    assert ics(ENTRY, method="REQUEST") == ics(replace(ENTRY), method="REQUEST")


@given(WORDS, WORDS, WORDS)
@example("", "", "\\")
def test_words_cannot_become_lines_of_the_file(title: str, description: str, name: str):
    entry = replace(
        ENTRY, title=f"x{title}", description=description, organiser=Invitee(name, "a@b.example")
    )
    raw = ics(entry)
    event = read(raw)
    assert set(event) <= {
        *("UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DTSTART", "DTEND", "DESCRIPTION"),
        *("LOCATION", "URL", "STATUS", "ORGANIZER", "ATTENDEE"),
    }
    assert [c.name for c in event.subcomponents] == ["VALARM"]
    assert event["organizer"] == "mailto:a@b.example"


@pytest.mark.parametrize(
    "injection",
    ["x\r\nATTENDEE:mailto:eve@example.com", "x\rATTENDEE:y", "x\nEND:VEVENT", 'x";Y="z'],
)
def test_a_name_or_title_brings_no_property(injection: str):
    people = (Invitee(injection, "maria@customer.example"),)
    event = read(ics(replace(ENTRY, title=injection, location=injection, attendees=people)))
    assert event["attendee"] == "mailto:maria@customer.example"
    assert set(event["attendee"].params) == {"CN", "ROLE", "RSVP"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "title"),
        ({"start": None}, "start"),
        ({"end": datetime(2026, 11, 30, tzinfo=UTC)}, "end before it starts"),
        ({"start": datetime(2026, 12, 1)}, "time zone"),  # noqa: DTZ001
        ({"zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"zone": "../etc/passwd"}, "no time zone"),
        ({"url": "javascript:alert(1)"}, "https://"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(change: dict[str, Any], words: str):
    with pytest.raises(BadInput, match=words):
        ics(replace(ENTRY, **change))


def test_an_invitation_needs_somebody_who_invites():
    with pytest.raises(BadInput, match="organiser"):
        ics(replace(ENTRY, organiser=None), method="REQUEST")
