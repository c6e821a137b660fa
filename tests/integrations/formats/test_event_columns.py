"""Tables that name their events under another heading, or nowhere."""

from __future__ import annotations

import pytest

TWO = "Q2 review,2026-05-01,a@a.example,Attended\nAdmin basics,2026-05-01,a@a.example,Attended\n"


@pytest.mark.parametrize(
    "heading",
    [
        "Topic", "Title", "Session", "Program", "Seminar", "Activity", "Subject", "Meeting", "Webinar Topic",
        "Campaign Name",
    ],
)  # fmt: skip
def test_column_of_another_name_tells_two_events_of_a_day_apart(parse, heading: str):
    parsed = parse(f"{heading},Date,Email,Status\n{TWO}")
    assert parsed.events["name"].to_list() == ["Q2 review", "Admin basics"]
    assert parsed.mapping["event"] == heading
    assert parsed.warnings == ()


def test_titles_of_people_are_no_events(parse):
    parsed = parse(
        "Email,Title,Date,Status\na@a.example,Head of Training,2026-05-01,Attended\n"
        "b@a.example,Analyst,2026-05-01,Attended\nb@a.example,Analyst,2026-05-01,Attended\n"
    )
    assert (parsed.events.height, parsed.mapping["title"]) == (1, "Title")


def test_topic_beside_an_event_stays_its_topic(parse):
    parsed = parse("Event,Topic,Email\nClinic,Security,a@a.example\n")
    assert parsed.events.select("name", "topic").rows() == [("Clinic", "Security")]


def test_columns_that_may_name_the_events_are_named_where_none_does(parse):
    parsed = parse(f"Which one?,Date,Email,Status\n{TWO}")
    assert parsed.warnings == (
        "No column is taken for the name of the event. If “Which one?” holds the names of the events, choose it "
        "for Event.",
    )
    columns = {"event": "Which one?", "date": "Date", "email": "Email", "status": "Status"}
    assert parse(f"Which one?,Date,Email,Status\n{TWO}", mapping=columns).warnings == ()


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("Attendance rate", ("80%", "60%")), ("User ID", ("U1a", "U2a")), ("Seat", ("12", "13"))],
)
def test_columns_that_hold_no_names_of_events_are_not_proposed(parse, heading: str, cells):
    rows = "".join(f"{cell},2026-05-01,{n}@a.example,Attended\n" for n, cell in enumerate(cells))
    assert parse(f"{heading},Date,Email,Status\n{rows}").warnings == ()
