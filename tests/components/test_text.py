"""Texts from outside, and figures as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.text import day, moment, money, near, plain, plural


@pytest.mark.parametrize(
    "hostile",
    [
        "![x](http://evil.example/a.png)",
        "[click](javascript:alert(1))",
        "# heading",
        "> quote",
        "<img src=x onerror=alert(1)>",
        "$\\href{javascript:alert(1)}{x}$",
        ":material/delete: :red[alarm]",
        "**bold** _it_ ~~gone~~ `code`",
        "1. list",
        "a\n\n# b",
        "www.evil.example",
        "http://evil.example",
    ],
)
def test_nothing_in_a_name_is_left_active(hostile: str):
    escaped = plain(hostile)
    assert "\n" not in escaped
    for position, char in enumerate(escaped):
        if char in "[]()<>*_`#$:!~|.":
            assert escaped[position - 1] == "\\"


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), max_size=40))
def test_escaping_hides_nothing_that_is_printable(text: str):
    shown = plain(text).replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    assert shown == " ".join(text.split())


def test_hidden_and_direction_changing_characters_are_dropped():
    assert plain("Tech\u202eproC\u200b\x00orp") == "TechproCorp"
    assert plain("شركة \u200fالتقنية") == "\u2068شركة التقنية\u2069"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("שלום", "\u2068שלום\u2069"),
        ("גן 24 חיפה", "\u2068גן 24 חיפה\u2069"),
        ("חברת CloudMax מזמינה", "\u2068חברת CloudMax מזמינה\u2069"),
        ("שלום עולם has not replied", "\u2068שלום עולם\u2069 has not replied"),
        ("Reply to שלום, 12 days", "Reply to \u2068שלום\u2069, 12 days"),
        ("Call חברה 24 has not replied", "Call \u2068חברה 24\u2069 has not replied"),
        ("Call גן 24 חיפה tomorrow", "Call \u2068גן 24 חיפה\u2069 tomorrow"),
        ("Call שלום 3, עולם 4 tomorrow", "Call \u2068שלום 3\u2069, \u2068עולם 4\u2069 tomorrow"),
        ("Meeting with שלום: 12 days", "Meeting with \u2068שלום\u2069: 12 days"),
        ("Share of שלום 24% today", "Share of \u2068שלום\u2069 24% today"),
        ("Call with שלום 12:30 today", "Call with \u2068שלום\u2069 12:30 today"),
        ("Invite Ann to כנס 2026-11-23", "Invite Ann to \u2068כנס\u2069 2026-11-23"),
        ("Call with שלום – 12 Oct", "Call with \u2068שלום\u2069 – 12 Oct"),
        ("Call with שלום 12 October", "Call with \u2068שלום\u2069 12 October"),
        ("Call with שלום 23-11-2026", "Call with \u2068שלום\u2069 23-11-2026"),
        ("Call חברת שלום עולם – 12", "Call \u2068חברת שלום עולם – 12\u2069"),
        ("Call חברת שלום עולם: 12 days", "Call \u2068חברת שלום עולם\u2069: 12 days"),
        ("Call שלום 24 Marketing", "Call \u2068שלום 24\u2069 Marketing"),
        ("24 שלום", "\u206824 שלום\u2069"),
        ("חברת שלום עולם was at Ours", "\u2068חברת שלום עולם\u2069 was at Ours"),
        ("חברת שלום עולם ($70K ARR)", "\u2068חברת שלום עולם\u2069 ($70K ARR)"),
        ("כנס הלקוחות (23 Nov 2026)", "\u2068כנס הלקוחות\u2069 (23 Nov 2026)"),
        ("חברת שלום עולם LLC", "\u2068חברת שלום עולם LLC\u2069"),
        ("Café Zürich", "Café Zürich"),
    ],
)
def test_names_from_right_to_left_turn_nothing_beside_them(words: str, kept: str):
    assert plain(words).replace("\\", "") == kept


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 customers"), (1, "1 customer"), (1204, "1,204 customers")],
)
def test_plural(count: int, words: str):
    assert plural(count, "customer") == words


def test_plural_of_nouns_that_take_no_s():
    assert plural(2, "company", "companies") == "2 companies"


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (None, "USD", "–"),
        (Decimal("0"), "USD", "$0"),
        (Decimal("950.4"), "EUR", "€950"),
        (Decimal("200000"), "USD", "$200K"),
        (Decimal("1250000"), "USD", "$1.2M"),
        (Decimal("999999"), "USD", "$1M"),
        (Decimal("-1500"), "USD", "-$1.5K"),
        (Decimal("2000000000"), "CHF", "2B CHF"),
    ],
)
def test_money_is_short(amount: Decimal | None, currency: str, words: str):
    assert money(amount, currency) == words


def test_moments_name_their_zone():
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert moment(at, "UTC") == "1 Jul 2026, 22:30 UTC"
    assert moment(at, "Europe/Berlin") == "2 Jul 2026, 00:30 CEST"
    assert moment(at, "../etc/passwd") == "1 Jul 2026, 22:30 UTC"
    assert moment(None, "UTC") == "–"
    assert day(date(2026, 11, 3)) == "3 Nov 2026"


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        ("2026-11-21T20:05", "Europe/Berlin", "today, 21:05"),
        ("2026-11-21T23:05", "Europe/Berlin", "tomorrow, 00:05"),
        ("2026-11-20T12:00", "America/New_York", "yesterday, 07:00"),
        ("2026-11-30T08:00", "UTC", "Mon 30 Nov, 08:00"),
        ("2027-11-30T08:00", "no such zone", "Tue 30 Nov 2027, 08:00"),
    ],
)
def test_moment_near_by_is_said_as_people_say_it(at: str, zone: str, said: str):
    now = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    assert near(datetime.fromisoformat(at).replace(tzinfo=UTC), zone, now) == said
    assert near(None, zone, now) == "–"
