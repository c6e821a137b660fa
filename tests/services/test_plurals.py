"""Counts in words."""

from __future__ import annotations

import pytest

from services.plurals import counted, plural


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 visits"), (1, "1 visit"), (2, "2 visits"), (1204, "1,204 visits")]
)
def test_one_thing_is_no_plural(count: int, words: str):
    assert plural(count, "visit") == words


def test_nouns_that_take_no_s_have_their_own_plural():
    assert plural(1, "person", "people") == "1 person"
    assert plural(3, "person", "people") == "3 people"


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        ("1", "events held", "1 event held"),
        ("2", "events held", "2 events held"),
        ("1", "opportunities asked about", "1 opportunity asked about"),
        ("1", "events", "1 event"),
        ("1,001", "events", "1,001 events"),
        ("50% (1 of 2)", "talks after contact", "50% (1 of 2) talks after contact"),
        ("1", "flagged 30 days before", "1 flagged 30 days before"),
    ],
)
def test_words_after_a_count_agree_with_it(count: str, words: str, said: str):
    assert counted(count, words) == said
