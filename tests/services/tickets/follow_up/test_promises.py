"""Promises read out of the words of a mail; each case worked out by hand. 28 January 2026 is a Wednesday."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.follow_up.promises import MOST, promised

ON = date(2026, 1, 28)
ALSO = "I've also added a note to check your API metrics next week to make sure we stay ahead of any future scaling needs."


@pytest.mark.parametrize(
    ("text", "what", "days"),
    [
        (ALSO, "check your API metrics", 7),
        ("I’ll call you on Friday.", "call you", 2),
        ("I will call you on Wednesday.", "call you", 7),
        ("We will send you the report within two business days.", "send you the report", 2),
        ("We'll report back in three working days.", "report back", 5),
        ("I'll check the limits tomorrow, so that we know.", "check the limits", 1),
        ("I will review this in 10 days.", "review this", 10),
        ("I'm going to monitor the sync in a month.", "monitor the sync", 30),
        ("I'll follow up in two weeks' time.", "follow up", 14),
        ("I have set a reminder to look at your dashboards by the end of the week.", "look at your dashboards", 2),
        ("I will make sure it is fixed.", "make sure it is fixed", 7),
        ("- I will send you the guide today.", "send you the guide", 0),
    ],
)  # fmt: skip
def test_a_promise_says_what_and_when(text: str, what: str, days: int):
    found = promised(f"Hi David,\n\n{text}\n\nBest,\nAna", ON)
    assert [(one.what, one.days) for one in found] == [(what, days)]


@pytest.mark.parametrize(
    "text",
    [
        "If anything else comes up, I will call you.",
        "If it happens again, I'll check it tomorrow.",
        "Will I send it?",
        "I'm here to help.",
        "I'll be happy to help.",
        "You will check it tomorrow.",
        "> I will call you tomorrow.",
        "Thanks for your patience through this.",
        "I checked your metrics last week.",
        "I wanted to personally reach out now that your issue has been resolved.",
    ],
)
def test_offers_conditions_questions_and_quotations_promise_nothing(text: str):
    assert promised(text, ON) == ()


@given(st.text(max_size=400), st.dates())
def test_any_text_is_read_without_harm(text: str, on: date):
    found = promised(text, on)
    assert len(found) <= MOST
    assert all(one.days >= 0 and one.what for one in found)
