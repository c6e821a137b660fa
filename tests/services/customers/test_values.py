from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers import values

MONEY = st.decimals(min_value=0, max_value=values.LARGEST_AMOUNT, places=2)
DAYS = st.dates(date(values.FIRST_YEAR, 1, 1), date(values.LAST_YEAR, 12, 31))


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$200K", "200000", "USD"),
        ("1.234,50", "1234.50", None),
        ("200000 USD", "200000", "USD"),
        ("CHF 1'234.50", "1234.50", "CHF"),
        ("1,5M", "1500000", None),
        ("1.234M", "1234000", None),
        ("12500.0", "12500", None),
        ("1.234", "1234", None),
        ("0.500", "0.50", None),
        ("$1,234,567.89", "1234567.89", "USD"),
        ("1 234 567,5 €", "1234567.50", "EUR"),
        ("2bn", "2000000000", None),
    ],
)
def test_amount_is_read_as_people_write_it(text: str, value: str, currency: str | None):
    assert values.parse_amount(text) == values.Amount(
        Decimal(value).quantize(Decimal("0.01")), currency
    )


@pytest.mark.parametrize(
    "text", ["-5", "(200)", "1,23,4", "1.2.3", "abc", "$5 EUR", "1e400", "nan", "9" * 40]
)
def test_what_is_no_amount_is_refused(text: str):
    with pytest.raises(ValueError, match=r"amount|larger|currencies"):
        values.parse_amount(text)


@given(MONEY)
def test_amount_survives_both_ways_of_writing_thousands(amount: Decimal):
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    swiss = english.replace(",", "'")
    assert {values.parse_amount(text).value for text in (english, german, swiss)} == {amount}


@given(st.text(max_size=40))
def test_any_text_is_an_amount_or_refused_with_words(text: str):
    try:
        value = values.parse_amount(text).value
    except ValueError as error:
        value = Decimal(bool(str(error)) - 1)
    assert 0 <= value <= values.LARGEST_AMOUNT


@given(DAYS)
def test_day_survives_every_spelling_that_is_clear(day: date):
    spellings = [
        day.isoformat(),
        f"{day.isoformat()} 14:05",
        f"{day.isoformat()}T00:00:00Z",
        f"{day.day}.{day.month}.{day.year:04}",
        f"{day.day} {day:%b} {day.year:04}",
        f"{day:%B} {day.day}, {day.year:04}",
    ]
    assert {values.parse_day(text, day_first=None) for text in spellings} == {day}
    assert values.parse_day(f"{day.day}/{day.month}/{day.year:04}", day_first=True) == day
    assert values.parse_day(f"{day.month}/{day.day}/{day.year:04}", day_first=False) == day


def test_day_that_could_be_two_is_not_guessed():
    with pytest.raises(ValueError, match="day/month or month/day"):
        values.parse_day("03/04/2026", day_first=None)


@pytest.mark.parametrize(
    "text", ["now", "today", "31/02/2026", "0001-01-01", "2026", "45123", "-1"]
)
def test_what_is_no_day_is_refused(text: str):
    with pytest.raises(ValueError, match=r"date|day|year"):
        values.parse_day(text, day_first=True)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.Acme.example/about?x=1", "acme.example"),
        ("someone@Acme.Example", "acme.example"),
        ("acme.co.uk:8080", "acme.co.uk"),
        ("müller.example", "müller.example"),
        ("WWW.X.CO.", "x.co"),
    ],
)
def test_domain_is_stripped_to_its_host(text: str, host: str):
    assert values.parse_domain(text) == host


@pytest.mark.parametrize(
    "text", ["acme", "1.2.3.4", "a b.example", "-x.example", ".", "x" * 300 + ".example"]
)
def test_what_is_no_domain_is_refused(text: str):
    with pytest.raises(ValueError, match="domain"):
        values.parse_domain(text)


@given(st.text(max_size=60))
def test_domain_read_once_reads_the_same_again(text: str):
    try:
        host = values.parse_domain(text)
    except ValueError:
        host = "refused.example"
    assert values.parse_domain(host) == host


@pytest.mark.parametrize(
    ("text", "score"), [("90", 90), ("89.5", 90), ("90 %", 90), ("0", 0), ("100", 100)]
)
def test_health_is_a_whole_number_of_a_hundred(text: str, score: int):
    assert values.parse_health(text) == score


@pytest.mark.parametrize("text", ["101", "-1", "good", "1e2", ""])
def test_what_is_no_health_is_refused(text: str):
    with pytest.raises(ValueError, match=r"100"):
        values.parse_health(text)
