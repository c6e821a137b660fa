"""Places that were left open, and what only looks like one."""

from __future__ import annotations

import pytest

from services.rendering import from_text, open_placeholders

OPEN = [
    "Hi {{ first_name }},",
    "{% if offer %}",
    "Dear {first_name},",
    "Dear ${name},",
    "Hi [First name],",
    "[first_name]",
    "[FIRST_NAME]",
    "[your name]",
    "[Insert the link to the recording]",
    "[Event name]",
    "[company]",
    "[link]",
    "[Customer]",
    "see [...]",
    "on [date]",
    "<<name>>",
    "*|FNAME|*",
    "%FIRSTNAME%",
    "%%name%%",
    "TODO say why",
    "at TBD",
    "XXX",
    "Lorem ipsum dolor",
    "Hi ,\nthanks",
    "Hello None,\nthanks",
    "Dear nan,",
]
FINE = [
    "Hi Maria,",
    "As in [1] and [2024]",
    "[the recording](https://video.example.com/1)",
    "[your name](https://a.example)",
    "[Webinar] Scaling for teams",
    "[EXTERNAL] Your questions",
    "todo es posible",
    "size XXXL",
    "a < b << c",
    "100% of A, 50% of B",
    "f(x) = {1, 2, 3}",
    "{ }",
    "Hi, Maria",
    "the list [a, b]",
    "Dear Customer Success team,",
    "p { margin: 0 }",
]


@pytest.mark.parametrize("text", OPEN)
def test_open_place_is_found(text: str):
    assert len(open_placeholders(text)) == 1


@pytest.mark.parametrize("text", OPEN)
def test_open_place_is_found_in_html_made_of_the_text(text: str):
    assert open_placeholders(text, from_text(text)) == open_placeholders(text)


@pytest.mark.parametrize("text", FINE)
def test_ordinary_words_are_no_open_place(text: str):
    assert open_placeholders(text, from_text(text)) == []


def test_each_is_told_once_in_the_order_of_reading():
    assert open_placeholders("TODO [link] TODO", "{{ a }} [link]") == ["TODO", "[link]", "{{ a }}"]


def test_a_long_text_takes_no_long_time():
    for hostile in (
        "[" * 100_000,
        "{{" * 50_000,
        "<" * 100_000,
        "[a " * 40_000,
        "</" + "<a" * 50_000,
    ):
        assert open_placeholders(hostile) == []
