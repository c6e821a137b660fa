"""Which rows are of one event: by name, id, type and day."""

from __future__ import annotations

import pytest

from tests.support.wallclock import at

MONTHS = [f"2026-{month:02d}-15" for month in range(1, 11)]


def told(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def test_without_names_every_type_and_day_is_an_event(parse):
    types = ["Webinar", "user  group"]
    parsed = parse(
        told(
            "Customer,User,Event Type,Date,Attendance Status",
            *(f"C,U{n},{types[n % 2]},{day},Attended" for n, day in enumerate(MONTHS)),
            "C,V,Webinar,2026-02-15,Attended",
            "C,W,webinar,2026-01-15,Attended",
        )
    )
    events = parsed.events.sort("starts_at", "name")
    assert events.height == 11
    assert events.select("name", "type", "starts_at").rows()[:3] == [
        ("Webinar, 15 Jan 2026", "webinar", at(2026, 1, 15)),
        ("Webinar, 15 Feb 2026", "webinar", at(2026, 2, 15)),
        ("user group, 15 Feb 2026", "user_group", at(2026, 2, 15)),
    ]
    refs = parsed.rows["event_ref"].to_list()
    assert refs[0] == refs[11]
    assert refs[1] != refs[10]
    assert any("names the events" in words for words in parsed.warnings)


def test_without_names_and_types_every_day_is_an_event(parse):
    parsed = parse(told("Email,Date", *(f"a@a.example,{day} 10:00" for day in MONTHS)))
    assert parsed.events["name"].to_list()[:2] == ["Event, 15 Jan 2026", "Event, 15 Feb 2026"]
    assert parsed.events.height == 10


def test_single_day_without_name_and_type_is_one_nameless_event(parse):
    parsed = parse(told("Email,Date,Type", "a@a.example,2026-05-05,VIP", "b@a.example,,Guest"))
    assert parsed.events.select("name", "starts_at").rows() == [("", at(2026, 5, 5))]
    assert parsed.rows["event_ref"].to_list() == [0, 0]
    assert parsed.warnings == ()


def test_single_event_of_a_stated_type_is_called_the_same_in_every_file(parse):
    first = parse(told("Email,Date,Type", "a@a.example,2026-05-05,Webinar"))
    both = parse(told("Email,Date,Type", *(f"a@a.example,2026-0{n}-05,Webinar" for n in (5, 6))))
    assert first.events["name"].to_list() == ["Webinar, 5 May 2026"]
    assert both.events["name"].to_list() == ["Webinar, 5 May 2026", "Webinar, 5 Jun 2026"]


def test_evening_that_ends_after_midnight_is_one_event(parse):
    parsed = parse(
        told("Email,Date", "a@a.example,2026-05-05T23:58:00Z", "b@a.example,2026-05-06T00:05:00Z")
    )
    assert parsed.events.height == 1


def test_row_without_a_day_belongs_to_none_of_several_nameless_events(parse):
    parsed = parse(
        told("Email,Date,Type", *(f"a@a.example,{d},Webinar" for d in (*MONTHS[:2], "")))
    )
    assert parsed.rows["problem"].to_list() == [
        None,
        None,
        "This row says no day, and in this file the day tells which event it is of: add it.",
    ]


def test_nameless_events_are_told_apart_by_their_ids(parse):
    parsed = parse(
        told(
            "Email,Event ID,Type,Date",
            "a@a.example,11,Webinar,2026-05-05 10:00",
            "b@a.example,12,Webinar,2026-05-05 15:00",
        )
    )
    assert parsed.events.select("name", "source_event_id").rows() == [
        ("Webinar, 5 May 2026", "11"),
        ("Webinar, 5 May 2026", "12"),
    ]


@pytest.mark.parametrize("heading", ["Date", "Event Start", "Join Time"])
@pytest.mark.parametrize("clock", ["", " 15:00"])
def test_series_that_keeps_its_name_is_an_event_each_time(parse, heading: str, clock: str):
    rows = [f"N,n@x.example,Monthly UG,{day}{clock}" for day in MONTHS]
    parsed = parse(told(f"Name,Email,Event,{heading}", *rows))
    assert parsed.events["starts_at"].dt.month().to_list() == list(range(1, 11))
    assert set(parsed.events["name"]) == {"Monthly UG"}
    assert parsed.rows["event_ref"].to_list() == list(range(10))


def test_break_and_days_of_a_conference_are_one_event(parse):
    times = ["2026-05-05 09:00", "2026-05-05 16:00", "2026-05-06 09:00", "2026-05-09 09:00"]
    parsed = parse(told("Email,Event,Join Time", *(f"a@a.example,Summit,{t}" for t in times)))
    assert parsed.events.select("name", "starts_at").rows() == [("Summit", at(2026, 5, 5, 9))]


def test_ids_tell_events_of_one_name_apart(parse):
    rows = [
        f"{who}@a.example,Admin training,{number},2026-05-0{day} {hour}:00"
        for number, day, hour in (("845 22", 5, 9), ("846-22", 5, 15), ("847 22", 6, 9))
        for who in "abc"
    ]
    parsed = parse(told("Email,Event,Event ID,Date", *rows))
    assert parsed.events["source_event_id"].to_list() == ["84522", "84622", "84722"]
    assert parsed.rows["event_ref"].to_list() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_row_without_id_goes_with_those_of_its_day(parse):
    parsed = parse(
        told(
            "Email,Event,Event ID,Date",
            "a@a.example,Daily,1,2026-05-05",
            "b@a.example,Daily,2,2026-05-06",
            "c@a.example,Daily,,2026-05-06",
        )
    )
    assert parsed.rows["event_ref"].to_list() == [0, 1, 1]


def test_ids_that_differ_from_row_to_row_make_no_events(parse):
    rows = [f"{who}@a.example,Clinic,{n},2026-05-05" for n, who in enumerate("abcdef")]
    parsed = parse(told("Email,Event,Session ID,Date", *rows))
    assert parsed.events.height == 1


def test_same_meeting_on_another_day_in_a_webex_report(parse):
    header = (
        "Meeting Name\tMeeting Start Time\tDisplay Name\tAttendee Email\tJoin Time\tLeave Time"
        "\tAttendance Duration"
    )
    rows = [
        f"Weekly\t2026-06-{d} 17:00:00\tAda\ta@a.example\t2026-06-{d} 17:00:00\t2026-06-{d} 17:50:00\t50 mins"
        for d in ("07", "14")
    ]
    parsed = parse(told(header, *rows), encoding="utf-16")
    assert parsed.format == "webex"
    assert parsed.events["starts_at"].dt.day().to_list() == [7, 14]


def test_same_meetup_on_another_day_in_an_eventbrite_report(parse):
    parsed = parse(
        told(
            "Event name,Event start date,Order #,First Name,Last Name,Email,Attendee Status",
            "Meetup,2026-05-05 18:00,1,Ada,Long,a@a.example,Checked In",
            "Meetup,2026-06-05 18:00,2,Ada,Long,a@a.example,Checked In",
        )
    )
    assert parsed.events["starts_at"].dt.month().to_list() == [5, 6]


def test_course_finished_on_different_days_is_one_event(parse):
    parsed = parse(
        told(
            "Course Name,Full Name,Email,Join Time,Course Completion Date",
            "API,Ada,a@a.example,2026-05-05 10:00,2026-05-06",
            "API,Bo,b@a.example,2026-07-05 10:00,2026-07-06",
        )
    )
    assert parsed.events.height == 1


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Virtual", "training"), ("In person", "training"), ("Customer", "training"), ("Webinar", "webinar"),
     ("Other", "other"), ("", "training")],
)  # fmt: skip
def test_type_is_stated_only_in_words_of_a_type(parse, said: str, kind: str):
    parsed = parse(f"Email,Event,Type,Date\na@a.example,Admin training,{said},2026-05-01\n")
    assert parsed.events["type"].to_list() == [kind]


def test_days_that_became_one_event_are_said_and_noted(parse):
    rows = "".join(f"a@a.example,Office hours,2026-09-{d:02d}\n" for d in (1, 3, 8, 10))
    parsed = parse(f"Email,Event,Date\n{rows}b@a.example,Office hours,2026-09-01\n")
    assert parsed.events.height == 2
    assert parsed.warnings == tuple(
        f"“Office hours” counts as one event on {days}: days at most three apart are one. If each is an event of "
        "its own, give them names of their own."
        for days in ("2026-09-01, 2026-09-03", "2026-09-08, 2026-09-10")
    )
    assert parsed.rows["note"].to_list()[:3] == [
        None,
        "2026-09-03 counts as a day of the event of 2026-09-01",
        None,
    ]
