"""Who came, by every column that may tell it."""

from __future__ import annotations

import pytest


def table(heading: str, *cells: str) -> str:
    rows = (f"a{n}@a.example,E,2026-09-10,{cell}" for n, cell in enumerate(cells))
    return "\n".join([f"Email,Event,Date,{heading}", *rows]) + "\n"


@pytest.mark.parametrize("word", ["Registered", "Confirmed", "Approved", "Accepted"])
def test_time_there_says_more_than_a_word_for_being_registered(parse, word: str):
    told = parse(table("Status,Duration", f"{word},45", f"{word},", f"{word},0"))
    assert told.rows["status"].to_list() == ["attended", "registered", "registered"]
    times = "2026-09-10 14:02,2026-09-10 14:55"
    told = parse(table("Status,Join Time,Leave Time", f"{word},{times}", f"{word},,"))
    assert told.rows["status"].to_list() == ["attended", "registered"]


def test_same_time_for_all_is_the_length_of_the_event(parse):
    told = parse(table("Status,Duration", "Registered,60", "Registered,60", "Cancelled,60"))
    assert told.rows["status"].to_list() == ["registered", "registered", "cancelled"]


def test_same_time_for_all_of_each_event_is_how_long_these_were(parse):
    rows = ("E,Registered,60", "E,Registered,60", "F,Registered,45", "F,Attended,45")
    told = parse("Email,Event,Status,Duration\n" + "".join(f"a@a.example,{row}\n" for row in rows))
    assert told.rows["status"].to_list() == ["registered"] * 3 + ["attended"]
    rows = ("E,Registered,60", "F,Registered,60")
    told = parse("Email,Event,Status,Duration\n" + "".join(f"a@a.example,{row}\n" for row in rows))
    assert told.rows["status"].to_list() == ["registered"] * 2


def test_time_spent_on_a_course_that_is_not_finished_does_not_finish_it(parse):
    told = parse(table("Course status,Time spent", "In progress,45", "Completed,60"))
    assert told.rows["status"].to_list() == ["registered", "attended"]


@pytest.mark.parametrize(
    ("heading", "came", "did_not"),
    [
        ("Join Time", "14:02", ""),
        ("Join Time", "14:02", "no"),
        ("Completed", "Yes", "No"),
        ("Completion Date", "2026-09-10", ""),
        ("Duration", "1h05", ""),
        ("Duration", "65'", "0'"),
        ("Duration", "60+", "0"),
    ],
)
def test_who_has_nothing_in_the_column_that_tells_it_is_registered(parse, heading, came, did_not):
    told = parse(table(heading, came, did_not, did_not))
    assert told.rows["status"].to_list() == ["attended", "registered", "registered"]


def test_nobody_is_counted_as_there_when_all_stayed_no_minute(parse):
    assert parse(table("Duration", "0", "0")).rows["status"].to_list() == ["registered"] * 2


def test_unread_length_of_time_is_said_of_its_row_and_counted(parse):
    told = parse(table("Duration", "sixty", "45 min", "sixty", "long"))
    assert told.rows["status"].to_list() == ["registered", "attended", "registered", "registered"]
    assert told.rows["note"].to_list()[:2] == ["the time there, “sixty”, could not be read", None]
    assert told.warnings == (
        "How long somebody was there cannot be read in 3 rows: “sixty” (2), “long” (1). Write minutes, or hours "
        "and minutes as 1:05.",
    )
