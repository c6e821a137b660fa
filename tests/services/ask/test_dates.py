from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ask.dates import find_day

TODAY = date(2026, 11, 18)
"""A Wednesday."""


@pytest.mark.parametrize(
    ("said", "day", "rest"),
    [
        ("to call DataFlow on Friday", date(2026, 11, 20), "to call DataFlow"),
        ("tomorrow to call DataFlow", date(2026, 11, 19), "to call DataFlow"),
        ("to call DataFlow tommorow about renewal", date(2026, 11, 19), "to call DataFlow about renewal"),
        ("the day after tomorrow to call", date(2026, 11, 20), "to call"),
        ("in 3 days to call", date(2026, 11, 21), "to call"),
        ("to call in a couple of weeks", date(2026, 12, 2), "to call"),
        ("to call two months from now", date(2027, 1, 18), "to call"),
        ("to call next week", date(2026, 11, 25), "to call"),
        ("next Monday, to call", date(2026, 11, 23), "to call"),
        ("to call next friday", date(2026, 11, 27), "to call"),
        ("Wednesday to call", date(2026, 11, 25), "to call"),
        ("to call before Friday", date(2026, 11, 19), "to call"),
        ("on 4 December to call", date(2026, 12, 4), "to call"),
        ("to call on December 4th, 2027 again", date(2027, 12, 4), "to call again"),
        ("to call on the 4th", date(2026, 12, 4), "to call"),
        ("to call on 4 January", date(2027, 1, 4), "to call"),
        ("to call on 4.12.", date(2026, 12, 4), "to call"),
        ("to call on 2026-12-04", date(2026, 12, 4), "to call"),
        ("to look after TF-2024-0847 in 7 days", date(2026, 11, 25), "to look after TF-2024-0847"),
        ("tomorrow to prepare the call on Friday", date(2026, 11, 19), "to prepare the call on Friday"),
        ("to call by end of week", date(2026, 11, 20), "to call"),
        ("to call this week", date(2026, 11, 20), "to call"),
        ("by the end of next week to call", date(2026, 11, 27), "to call"),
        ("to call at the weekend", date(2026, 11, 21), "to call"),
        ("by end of the month to call", date(2026, 11, 30), "to call"),
        ("next quarter to call", date(2027, 2, 18), "to call"),
        ("in twenty five days to call", date(2026, 12, 13), "to call"),
        ("sometime next week to call", date(2026, 11, 25), "to call"),
        ("to prepare the Black Friday mail tomorrow", date(2026, 11, 19), "to prepare the Black Friday mail"),
    ],
)  # fmt: skip
def test_day_is_found_wherever_it_stands(said: str, day: date, rest: str):
    found = find_day(said, TODAY)
    assert found is not None
    assert (found.days, found.rest) == ((day,), rest)


@pytest.mark.parametrize(
    "said", ["", "to call", "about 4 seats", "to call Sun Microsystems", "may I"]
)
def test_no_day_is_made_up(said: str):
    assert find_day(said, TODAY) is None


def test_day_that_can_be_two_gives_both_and_one_that_is_none_gives_none():
    both, none = find_day("on 4/12", TODAY), find_day("on 31 February", TODAY)
    assert both is not None
    assert both.days == (date(2026, 12, 4), date(2027, 4, 12))
    assert none is not None
    assert none.days == ()


@pytest.mark.parametrize(
    ("said", "at"),
    [("tomorrow at 3pm call", time(15)), ("call at 10:30 tomorrow", time(10, 30)), ("call tomorrow at 3", time(15)),
     ("call tomorrow at 9", time(9)), ("call 4 seats tomorrow", None)],
)  # fmt: skip
def test_hour_beside_the_day_belongs_to_it(said: str, at: time | None):
    found = find_day(said, TODAY)
    assert found is not None
    assert found.at == at


@pytest.mark.parametrize(
    ("said", "at", "rest"),
    [
        ("at 3pm to call TechCorp", time(15), "to call TechCorp"),
        ("to call TechCorp at 3", time(15), "to call TechCorp"),
        ("3pm call TechCorp", time(15), "call TechCorp"),
        ("to call before 5pm", time(17), "to call"),
        ("at noon to call", time(12), "to call"),
        ("in the morning to call", time(9), "to call"),
        ("this evening at 7 to call", time(19), "to call"),
        ("at 8 tonight to call", time(20), "to call"),
        ("to call by end of day", time(17), "to call"),
        ("to call at 3 o'clock", time(15), "to call"),
        ("tomorrow morning to call", time(9), "to call"),
        ("tomorrow afternoon at 4 to call", time(16), "to call"),
        ("first thing tomorrow to call", time(9), "to call"),
        ("on Friday, 3 p.m. about renewal", time(15), "about renewal"),
        ("at 3pm to call TechCorp tomorrow", time(15), "to call TechCorp"),
        ("tomorrow to prepare the 3pm call", None, "to prepare the 3pm call"),
        ("to look at 3 offers tomorrow", None, "to look at 3 offers"),
        ("tomorrow to send the afternoon agenda", None, "to send the afternoon agenda"),
    ],
)
def test_words_of_time_are_no_part_of_what_is_to_be_done(said: str, at: time | None, rest: str):
    found = find_day(said, TODAY)
    assert found is not None
    assert (found.at, found.rest) == (at, rest)


@pytest.mark.parametrize(
    ("said", "after"),
    [("in 2 hours to call", timedelta(hours=2)), ("to call in half an hour", timedelta(minutes=30)),
     ("in an hour call", timedelta(hours=1)), ("to call 45 minutes from now", timedelta(minutes=45))],
)  # fmt: skip
def test_hours_from_now_are_counted_from_now(said: str, after: timedelta):
    found = find_day(said, TODAY)
    assert found is not None
    assert (found.after, found.days) == (after, (TODAY,))
    assert "hour" not in found.rest


WORDS = st.sampled_from(
    ["in", "3", "a", "few", "days", "next", "monday", "on", "4", "december", "29", "february", "2027", "at",
     "12", "pm", "tonight", "noon", "end", "week", "this", "hours", "4/12", "31.4.", "2026-13-01", "day", "after", "tomorrow", "from", "now", "9999", "months", "the", "of"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=12).map(" ".join)))
def test_anything_can_be_said_of_a_day(said: str):
    found = find_day(said, TODAY)
    assert found is None or len(found.days) <= 2
