"""Every sample of a platform is read as its manifest says: counts, people, minutes, times."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from integrations.formats import EVENT_SCHEMA, ROW_SCHEMA, FileRefused, ParsedFile, read
from tests.support.wallclock import at

SAMPLES = Path(__file__).parents[2] / "samples"


class Expected(NamedTuple):
    sample: str
    format: str
    kind: str
    records: int
    statuses: dict[str | None, int]
    problems: int = 0
    events: int = 1


ATTENDANCE = [
    Expected(
        "zoom_webinar_attendee_2020.csv", "zoom_webinar", "attendance", 14,
        {"attended": 11, "no_show": 3},
    ),
    Expected(
        "zoom_webinar_attendee_2025.csv", "zoom_webinar", "attendance", 31,
        {"attended": 25, "no_show": 6},
    ),
    Expected(
        "zoom_meeting_participants_2020.csv", "zoom_meeting", "attendance", 10, {"attended": 10}
    ),
    Expected(
        "zoom_meeting_participants_2026.csv", "zoom_meeting", "attendance", 13,
        {"attended": 12, "registered": 1},
    ),
    Expected(
        "zoom_registration.csv", "zoom_registration", "registration", 25,
        {"registered": 23, "declined": 1, "cancelled": 1},
    ),
    Expected("zoom_poll_2026_long.csv", "zoom_poll", "poll", 14, {"attended": 14}),
    Expected("zoom_qa.csv", "zoom_qa", "qa", 11, {"attended": 11}, problems=1),
    Expected(
        "gotowebinar_attendee.csv", "gotowebinar", "attendance", 15,
        {"attended": 11, "no_show": 4},
    ),
    Expected(
        "gotowebinar_attendee.xlsx", "gotowebinar", "attendance", 15,
        {"attended": 11, "no_show": 4},
    ),
    Expected("teams_attendance_en-US_utf16le.csv", "teams", "attendance", 14, {"attended": 14}),
    Expected("teams_2020_user_actions_utf16le.csv", "teams_log", "attendance", 14, {"attended": 14}),
    Expected("webex_attendance_utf16le.csv", "webex", "attendance", 11, {"attended": 11}),
    Expected(
        "ringcentral_events_registrations.csv", "ringcentral", "attendance", 14,
        {"attended": 11, "no_show": 3},
    ),
    Expected(
        "eventbrite_attendees.csv", "eventbrite", "attendance", 13,
        {"attended": 6, "registered": 5, "cancelled": 2}, problems=1,
    ),
    Expected("on24_event_attendees.json", "on24", "attendance", 10, {"attended": 10}),
    Expected(
        "moodle_activity_progress.csv", "moodle_progress", "attendance", 33,
        {"attended": 19, "registered": 14}, events=3,
    ),
    Expected(
        "moodle_course_completion.csv", "moodle_completion", "attendance", 20,
        {"attended": 12, "registered": 8}, events=2,
    ),
    Expected("xapi_statements.json", "xapi", "attendance", 6, {"attended": 5, "registered": 1}),
]  # fmt: skip


def sample(name: str, purpose: str = "attendance") -> ParsedFile:
    return read(SAMPLES / name, purpose=purpose)


def who(rows: pl.DataFrame) -> pl.Series:
    return rows.select(pl.coalesce(pl.col("email").str.to_lowercase(), "name")).to_series()


def union_minutes(rows: pl.DataFrame) -> float:
    """Minutes covered by the stays of one person, overlaps once; rounded as the manifest does."""
    stays = sorted(rows.select("joined_at", "left_at").drop_nulls().rows())
    total, reached = 0.0, at(1, 1, 1)
    for joined, left in stays:
        total += max(0.0, (left - max(joined, reached)).total_seconds()) / 60
        reached = max(reached, left)
    return round(total, 1)


def minutes_of(parsed: ParsedFile, person: str) -> tuple[float, int, float]:
    rows = parsed.rows.filter(who(parsed.rows) == person)
    return union_minutes(rows), rows.height, float(rows["minutes"].sum())


@pytest.mark.parametrize("expected", ATTENDANCE, ids=lambda e: e.sample)
def test_sample_is_recognised_and_counted(expected: Expected):
    parsed = sample(expected.sample)
    assert (parsed.format, parsed.kind) == (expected.format, expected.kind)
    assert parsed.records == parsed.rows.height == expected.records
    assert Counter(parsed.rows["status"].to_list()) == expected.statuses
    assert parsed.rows["problem"].is_not_null().sum() == expected.problems
    assert parsed.events.height == expected.events
    assert not parsed.needs_mapping


@pytest.mark.parametrize("expected", ATTENDANCE, ids=lambda e: e.sample)
def test_sample_keeps_the_shape_of_the_frames(expected: Expected):
    parsed = sample(expected.sample)
    assert parsed.rows.schema == pl.Schema(ROW_SCHEMA)
    assert parsed.events.schema == pl.Schema(EVENT_SCHEMA)
    assert set(parsed.rows["event_ref"].to_list()) <= set(parsed.events["event_ref"].to_list())
    assert (
        parsed.rows["raw"].is_not_null().to_list() == parsed.rows["problem"].is_not_null().to_list()
    )


@pytest.mark.parametrize("expected", ATTENDANCE, ids=lambda e: e.sample)
def test_name_of_the_file_says_nothing(expected: Expected, tmp_path: Path):
    renamed = tmp_path / "report.bin"
    renamed.write_bytes((SAMPLES / expected.sample).read_bytes())
    assert read(renamed).format == expected.format


UNION_2025 = {
    "priya.raman": (63.5, 2, 86), "tomas.ibanez": (57.6, 2, 58), "grace.omalley": (63.1, 1, 64),
    "wei.zhang": (62.1, 1, 63), "aiko": (0.6, 1, 1), "lars.lindqvist": (64.7, 1, 65),
    "ben.carter": (54.3, 1, 55), "lucia.moretti": (45.5, 1, 46), "thi.mai": (62.5, 1, 63),
    "sofia": (31.0, 1, 31), "hannah.vogel": (60.5, 3, 62), "kwame.mensah+webinar": (58.2, 1, 59),
    "emily.park": (45.1, 1, 46), "rafael.duarte": (62.7, 1, 63), "nina": (24.8, 1, 25),
    "notetaker": (63.1, 1, 64),
}  # fmt: skip


@pytest.mark.parametrize(("local", "expected"), UNION_2025.items())
def test_webinar_minutes_are_those_of_the_manifest(local: str, expected: tuple[float, int, float]):
    parsed = sample("zoom_webinar_attendee_2025.csv")
    people = {e for e in who(parsed.rows).to_list() if e and e.split("@")[0] == local}
    assert len(people) == 1
    assert minutes_of(parsed, people.pop()) == expected


def test_webinar_counts_registrants_attendees_and_the_unnamed():
    rows = sample("zoom_webinar_attendee_2025.csv").rows
    attendees = rows.filter((pl.col("role") == "attendee") & pl.col("email").is_not_null())
    came = attendees.filter(pl.col("status") == "attended")
    assert who(attendees).n_unique() == 22
    assert who(came).n_unique() == 16
    other = rows.filter(pl.col("email").is_null())
    assert other.select("name", "minutes").rows() == [
        ("15550100142", 47.0),
        ("Conference Room 4", 64.0),
    ]
    assert "=HYPERLINK(" in str(rows.filter(pl.col("email").str.starts_with("formula"))["name"][0])


def test_webinar_of_2020_has_its_registrants_and_rejoins():
    parsed = sample("zoom_webinar_attendee_2020.csv")
    people = parsed.rows.filter((pl.col("role") == "attendee") & pl.col("email").is_not_null())
    assert who(people).n_unique() == 9
    assert minutes_of(parsed, "grace.omalley@cobaltharbor.example") == (47.4, 3, 54)
    assert minutes_of(parsed, "lucia.moretti@peregrinefreight.example") == (0.4, 1, 1)
    assert parsed.events.select("name", "source_event_id", "starts_at", "duration_minutes").row(0) == (
        "Quarterly Roadmap 2020", "555010203", at(2020, 10, 1, 8, 7), 60.0,
    )  # fmt: skip


def test_meeting_of_2020_has_nine_people_and_its_host():
    parsed = sample("zoom_meeting_participants_2020.csv")
    assert who(parsed.rows).n_unique() == 9
    assert parsed.rows.filter(pl.col("role") == "host")["name"].to_list() == ["Dana Ortiz"]
    assert parsed.rows.filter(pl.col("name") == "Tomás Ibáñez").height == 2
    assert "Thi Mai Nguyen" in parsed.rows["name"].to_list()


def test_waiting_room_is_no_attendance():
    parsed = sample("zoom_meeting_participants_2026.csv")
    assert who(parsed.rows).n_unique() == 11
    waiting = parsed.rows.filter(pl.col("note").str.contains("waiting room"))
    assert waiting.select("status", "minutes", "joined_at").rows() == [("registered", 0.0, None)]
    assert minutes_of(parsed, "priya.raman@bluefin-analytics.example")[0] == 57.3
    assert parsed.rows.filter(pl.col("role") == "staff")["name"].to_list() == ["Sam Keller"]


def test_registrations_keep_two_entries_of_one_person_and_say_who_waits():
    parsed = sample("zoom_registration.csv")
    assert parsed.rows.filter(pl.col("name").str.starts_with("Lars")).height == 2
    assert parsed.rows["note"].drop_nulls().to_list()[-1] == "waiting for approval"
    assert parsed.events["starts_at"][0] == at(2026, 9, 17, 11, 0)


def test_poll_counts_answers_people_and_questions():
    parsed = sample("zoom_poll_2026_long.csv")
    assert who(parsed.rows).n_unique() == 7
    assert parsed.events.select("polls_asked", "zone").row(0) == (2, "America/New_York")
    assert parsed.rows["polls"].sum() == 11  # one blank, one NA and one dash say nothing
    assert parsed.rows["detail"][0] == "What was your overall session feedback?: 5"


def test_questions_have_an_asker_but_for_the_anonymous_one():
    parsed = sample("zoom_qa.csv")
    assert parsed.rows.filter(pl.col("email").is_not_null()).height == 10
    assert parsed.rows["questions"].to_list() == [1] * 11
    assert "1) limits\n2) pricing" in str(parsed.rows["detail"][4])


@pytest.mark.parametrize("name", ["gotowebinar_attendee.csv", "gotowebinar_attendee.xlsx"])
def test_gotowebinar_times_are_moved_to_utc(name: str):
    parsed = sample(name)
    guests = parsed.rows.filter(pl.col("role") == "attendee")
    assert who(guests).n_unique() == 13
    assert who(guests.filter(pl.col("status") == "attended")).n_unique() == 9
    assert parsed.rows.filter(pl.col("role") == "host")["minutes"].to_list() == [77.0]
    assert guests.select("joined_at", "zoned").row(0) == (at(2026, 9, 22, 17, 58), True)
    assert parsed.events.select("starts_at", "zone").row(0) == (
        at(2026, 9, 22, 17, 59),
        "UTC",
    )


def test_teams_report_is_read_by_segments():
    parsed = sample("teams_attendance_en-US_utf16le.csv")
    assert who(parsed.rows).n_unique() == 11
    assert minutes_of(parsed, "priya.raman@bluefin-analytics.example")[:2] == (59.1, 2)
    assert minutes_of(parsed, "hannah.vogel@umbraretail.example")[:2] == (52.0, 3)
    names = parsed.rows["name"].to_list()
    assert {"Grace O'Malley", "Nina Petrov", "Rafael Duarte"} <= set(names)
    assert (parsed.day_first, parsed.dates_ambiguous) == (False, False)
    assert parsed.events["starts_at"][0] == at(2026, 9, 10, 8, 58, 30)


@pytest.mark.parametrize(
    ("written", "day", "ambiguous"),
    [
        ("9/10/26, 8:58:30 AM", 10, False),
        ("9/10/2026, 8:58:30 AM", 10, False),
        ("09/10/2026, 8:58:30 AM", 10, True),
        ("9/10/2026, 8:58:30 am", 10, True),
        ("9/10/2026, 08:58:30", 9, True),
        ("13/10/26, 8:58:30 AM", 13, False),
        ("9.10.26, 08:58:30", 9, False),
    ],
)
def test_teams_order_of_day_and_month_is_told_by_how_the_country_writes(
    tmp_path: Path, written: str, day: int, ambiguous: bool
):
    text = (SAMPLES / "teams_attendance_en-US_utf16le.csv").read_bytes().decode("utf-16")
    file = tmp_path / "report.csv"
    file.write_text(re.sub(r"9/10/26, \d+:\d\d:\d\d [AP]M", written, text), encoding="utf-16")
    parsed = read(file)
    assert (parsed.events["starts_at"][0].day, parsed.dates_ambiguous) == (day, ambiguous)


def test_teams_dates_follow_what_the_caller_says():
    parsed = read(SAMPLES / "teams_attendance_en-US_utf16le.csv", day_first=True)
    assert parsed.events["starts_at"][0] == at(2026, 10, 9, 8, 58, 30)
    assert (parsed.day_first, parsed.dates_ambiguous) == (True, False)


def test_teams_log_pairs_joins_with_leaves():
    parsed = sample("teams_2020_user_actions_utf16le.csv")
    assert minutes_of(parsed, "Priya Raman")[0] == 59.1
    assert parsed.rows["email"].is_null().all()
    assert parsed.rows["joined_at"].is_not_null().sum() == 7


def test_webex_has_a_row_per_device():
    parsed = sample("webex_attendance_utf16le.csv")
    assert who(parsed.rows).n_unique() == 9
    assert minutes_of(parsed, "priya.raman@bluefin-analytics.example") == (60.6, 2, 118)
    assert minutes_of(parsed, "tomas.ibanez@bluefin-analytics.example")[0] == 54.0
    assert parsed.rows.filter(pl.col("role") == "host")["name"].to_list() == [None]
    assert parsed.events["starts_at"][0] == at(2026, 9, 11, 9, 0)
    assert parsed.events["duration_minutes"].to_list() == [60.0]


def test_conference_minutes_are_those_stated_and_times_are_utc():
    parsed = sample("ringcentral_events_registrations.csv")
    first = parsed.rows.row(0, named=True)
    assert (first["minutes"], first["left_at"], first["zoned"]) == (180.0, None, True)
    assert parsed.rows["sessions"][1] == "Opening Keynote; Alerts Deep Dive"


def test_buyers_address_stays_with_the_buyer():
    rows = sample("eventbrite_attendees.csv").rows
    assert rows.filter(pl.col("email").str.starts_with("priya"))["name"].to_list() == [
        "Priya Raman"
    ]
    tomas = rows.filter(pl.col("name") == "Tomás Ibáñez").row(0, named=True)
    assert tomas["email"] is None
    assert tomas["problem"] is None
    assert rows.filter(pl.col("note").str.contains("not scanned")).height == 5


def test_order_and_registration_times_do_not_date_the_event():
    assert sample("eventbrite_attendees.csv").events["starts_at"].to_list() == [None]
    seen = sample("ringcentral_events_registrations.csv").events["starts_at"].to_list()
    assert seen == [at(2026, 9, 23, 13, 2, 11)]
    scheduled = sample("zoom_registration.csv").events["starts_at"].to_list()
    assert scheduled == [at(2026, 9, 17, 11)]


def test_on_demand_minutes_are_not_added_to_live_ones():
    rows = sample("on24_event_attendees.json").rows
    nina = rows.filter(pl.col("email").str.starts_with("nina")).row(0, named=True)
    assert (nina["status"], nina["minutes"], nina["note"]) == ("attended", 31.0, "on demand")
    assert rows["note"].drop_nulls().len() == 1
    assert rows.select("minutes", "questions", "polls", "downloads").row(0) == (52.0, 1, 1, 2)
    assert rows["feedback"].null_count() == rows.height, (
        "nobody answered: there may have been no survey"
    )


def test_answered_survey_is_feedback_and_of_the_others_there_is_none(tmp_path: Path):
    report = json.loads((SAMPLES / "on24_event_attendees.json").read_text())
    report["attendees"][1]["answeredsurveys"] = 1
    (path := tmp_path / "on24.json").write_text(json.dumps(report))
    assert read(path).rows["feedback"].to_list()[:3] == [0.0, 1.0, 0.0]


def test_failing_grade_is_completed_and_not_passed():
    for name in ("moodle_activity_progress.csv", "moodle_course_completion.csv"):
        rows = sample(name).rows.filter(pl.col("event_ref") == 0)
        tomas = rows.filter(pl.col("name") == "Tomás Ibáñez").row(0, named=True)
        assert (tomas["status"], tomas["completed"], tomas["passed"]) == ("attended", True, False)


def test_course_is_complete_for_four():
    parsed = sample("moodle_course_completion.csv")
    course = parsed.events.filter(pl.col("name") == "Course complete")["event_ref"][0]
    rows = parsed.rows.filter(pl.col("event_ref") == course)
    assert (rows.height, rows["completed"].sum()) == (10, 4)
    assert rows["joined_at"][0] == at(2026, 9, 14, 8, 0)
    assert parsed.day_first is True


def test_learner_without_address_is_known_by_account():
    rows = sample("xapi_statements.json").rows
    unknown = rows.filter(pl.col("email").is_null())
    assert unknown.select("name", "note").row(0) == ("user-0042", "known by an account name only")
    assert rows["passed"].to_list() == [None, True, False, True, None, None]
    assert [round(m, 2) if m else None for m in rows["minutes"]] == [
        42.17,
        65.03,
        18.0,
        20.57,
        3.0,
        None,
    ]


@pytest.mark.parametrize(
    ("name", "format_", "records", "first"),
    [
        ("hubspot_companies.csv", "hubspot_companies", 10, ("Bluefin Analytics", "9001000", None)),
        (
            "gainsight_company.csv",
            "gainsight_companies",
            9,
            ("Bluefin Analytics", "1P02ABCDEFGHIJKLMNOPQRSTUVWX00", "150000"),
        ),
    ],
)
def test_customer_lists_are_read(name: str, format_: str, records: int, first: tuple[str, ...]):
    parsed = sample(name, "customers")
    assert (parsed.format, parsed.kind, parsed.records) == (format_, "customers", records)
    assert parsed.rows.select("name", "external_id", "arr").row(0) == first
    assert parsed.rows["problem"].null_count() == records


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("hubspot_companies.csv", "Customers"),
        ("gainsight_company.csv", "Customers"),
        ("mailchimp_audience_export.csv", "mailing list"),
        ("mailchimp_campaign_recipients.csv", "recipients of a mail campaign"),
        ("zendesk_tickets.csv", "Tickets"),
        ("sendgrid_events.json", "mails delivered"),
        ("webhook_sendgrid_batch.json", "mails delivered"),
    ],
)
def test_what_is_no_attendance_is_sent_where_it_belongs(name: str, where: str):
    with pytest.raises(FileRefused, match=where):
        sample(name)
