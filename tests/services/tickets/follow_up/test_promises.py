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
        ("I will call you within 24 hours to confirm.", "call you to confirm", 1),
        ("I'll check your API metrics in 48 hours.", "check your API metrics", 2),
        ("I'll get back to you by end of day.", "get back to you", 0),
        ("I'll look at it this afternoon.", "look at it", 0),
        ("I will review it with you on 3 February.", "review it with you", 6),
        ("We will ship the fix by February 15th.", "ship the fix", 18),
        ("I'll call you on Dec 25.", "call you", 331),
        ("We'll patch the v2.3 connector by 5.2. at the latest.", "patch the v2.3 connector", 8),
        ("I'll follow up the week after next.", "follow up", 14),
        ("I'll call you at the end of next week.", "call you", 9),
        ("I will call you on Tuesday next week.", "call you", 6),
        ("We'll be checking your metrics next week.", "check your metrics", 7),
        ("Our team will check your logs tomorrow.", "check your logs", 1),
        ("You'll hear from me by Tuesday.", "get back to you", 6),
        ("You will have the report by Friday.", "send the report", 2),
        ("I'll get back to you on Wednesday.", "get back to you", 7),
        ("Let me get back to you on Wednesday.", "get back to you", 7),
        ("I promise to call you on Monday.", "call you", 5),
        ("We promise you to check the limits.", "check the limits", 7),
        ("Ana will call you on Friday.", "call you", 2),
        ("Sam’ll send you the summary tomorrow.", "send you the summary", 1),
        ("I'm calling you on Monday.", "call you", 5),
        ("We aim to fix it in 10 days.", "fix it", 10),
        ("Expect a call from me on Thursday.", "get back to you", 1),
        ("Expect a call from Ana Souza on Friday.", "get back to you", 2),
        ("I'll follow up with you in a week's time.", "follow up with you", 7),
    ],
)  # fmt: skip
def test_a_promise_says_what_and_when(text: str, what: str, days: int):
    found = promised(f"Hi David,\n\n{text}\n\nBest,\nAna", ON)
    assert [(one.what, one.days, one.dated) for one in found] == [(what, days, True)]


@pytest.mark.parametrize(
    "text",
    [
        "I'll send you the report by 12/05.",
        "I will call you on 31 February.",
        "I will check your limits every Monday.",
        "We will have a look in early spring.",
        "I'll call you at 3 pm.",
    ],
)
def test_a_time_that_cannot_be_read_is_said_to_be_a_guess(text: str):
    assert [(one.days, one.dated) for one in promised(text, ON)] == [(7, False)]


@pytest.mark.parametrize(
    "text",
    [
        "If anything else comes up, I will call you.",
        "If it happens again, I'll check it tomorrow.",
        "Will I send it?",
        "I'm here to help.",
        "I'll be happy to help.",
        "You will check it tomorrow.",
        "Let me know by Friday whether it works.",
        "TechFlow will send us the logs tomorrow.",
        "This will help you from Monday on.",
        "I am writing to you today to hear how it went.",
        "We aim to please.",
        "> I will call you tomorrow.",
        "Thanks for your patience through this.",
        "I checked your metrics last week.",
        "We will be happy to help in the next weeks.",
        "I will never forget last week.",
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
