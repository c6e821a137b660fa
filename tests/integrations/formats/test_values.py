"""Texts to values: dates, durations, statuses, addresses, names of people."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.formats import durations, values
from integrations.formats.fields import CANONICAL_FIELDS
from integrations.formats.headings import normalise
from integrations.formats.people import clean_name
from integrations.formats.times import decide_order, read_times
from tests.support.wallclock import at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45", 45), ("45.0", 45), ("45,5", 45.5), ("45 min", 45), ("0:45:00", 45), ("1:05", 65),
        ("1 hour 3 minutes", 63), ("1h 13m 42s", 73.7), ("41s", 41 / 60), ("204 mins", 204),
        ("PT42M10S", 42 + 1 / 6), ("PT1234S", 1234 / 60), ("1 godz. 2 min 3 sek.", 62.05),
        ("2 Std 3 Min", 123), ("0", 0), ("-5", None), ("nan", None), ("1e400", None), ("soon", None),
        ("", None), ("1h05", 65), ("65'", 65), ("60+", 60), ("> 60 min", 60), ("1:05 h", 65), ("1:05:00 h", 65),
        ("1 hr, 5 min", 65), ("01h 05m 00s", 65), ("65分", 65), ("1 時間 5 分", 65), ("1 timer 5 min", 65),
        ("65 мин", 65), ("65 minutter", 65), ("1 Std. und 5 Min.", 65), ("3900s", 65), ("5m30", 5.5),
        ("45 min of 60", None), ("60?", None), ("n.a.", None), ("1.234,5", None), ("5 30", None), ("12s30", None),
    ],
)  # fmt: skip
def test_durations_are_minutes(text: str, expected: float | None):
    found = durations.minutes(text)
    assert found is None if expected is None else found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("status", "spellings"),
    [
        ("attended", "Attended|attended|Yes|ATTENDED|Present|Completed|1|TRUE|Checked In|✓"),
        (
            "attended",
            "Attended late|Left early|Attended (partial)|Yes - live|Registered (attended)",
        ),
        (
            "attended",
            "Teilgenommen|Présent|Asistió|Sí|WAHR|Compareceu|Aanwezig|参加|Ha partecipato",
        ),
        ("no_show", "No Show|no-show|No|Absent|0|Did not attend"),
        ("no_show", "Absent (excused)|Registered - did not attend|No (other duties)|No show: ill"),
        ("no_show", "Nicht teilgenommen|nicht erschienen|Non|No asistió|FALSCH|Não|欠席"),
        ("registered", "Registered|registered|Attending|pending"),
        ("cancelled", "Cancelled|Canceled|cancelled|Refunded"),
        ("declined", "Declined|denied"),
        (None, "Perhaps|?|2|A|Y/N|Attended / no|Attended: no|1/5/2026"),
    ],
)
def test_spellings_of_a_status(status: str | None, spellings: str):
    assert {values.status(s) for s in spellings.split("|")} == {status}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-14 08:02:01", (at(2026, 9, 14, 8, 2, 1), False, False)),
        ("2026-09-14T08:02:01Z", (at(2026, 9, 14, 8, 2, 1), True, False)),
        ("2026-09-14T08:02:01.123+02:00", (at(2026, 9, 14, 6, 2, 1), True, False)),
        ("2026-09-14", (at(2026, 9, 14), False, True)),
        ("09/24/2026 01:51:01 PM", (at(2026, 9, 24, 13, 51, 1), False, False)),
        ("9/10/26, 12:58:30\u202fAM", (at(2026, 9, 10, 0, 58, 30), False, False)),
        ("Sep 22, 2026 01:58 PM EDT", (at(2026, 9, 22, 17, 58), True, False)),
        ("Sep 22, 2026 01:58 PM BST", (at(2026, 9, 22, 13, 58), False, False)),
        ("24.12.2025 18:30", (at(2025, 12, 24, 18, 30), False, False)),
        ("12/Mar/24 9:41 AM", (at(2024, 3, 12, 9, 41), False, False)),
        ("Thu, 17 Sep 2026 10:00:00 GMT", (at(2026, 9, 17, 10), True, False)),
        ("17 September 2026", (at(2026, 9, 17), False, True)),
        ("1/2/2026 13:00 PM", (None, False, False)),
        ("1/2/1850", (None, False, True)),
        ("yesterday", (None, False, True)),
    ],
)
@pytest.mark.parametrize("many", [1, 12_000])
def test_shapes_of_dates(text: str, expected: tuple[object, bool, bool], many: int):
    texts = pl.Series([text] * many, dtype=pl.Utf8)
    found = read_times(texts, decide_order([texts], told=False)).unique()
    assert found.height == 1
    when, zoned, dated = found.row(0)
    assert (when, zoned) == expected[:2]
    if when is not None:
        assert dated == expected[2]


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("4 mrt 2026", 4, None), ("4 mrt. 2026 om 14:05 uur", 4, 14), ("4 de marzo de 2026", 4, None),
        ("miércoles, 4 de marzo de 2026, 14:05", 4, 14), ("4 de março de 2026 às 14:05", 4, 14),
        ("4 mars 2026 kl. 14:05", 4, 14), ("4 mars 2026 à 14:05", 4, 14), ("1er mars 2026 à 14h05", 1, 14),
        ("Donnerstag, 5. März 2026 um 14:05 Uhr", 5, 14), ("2026年3月4日", 4, None),
        ("2026年3月4日 14:05", 4, 14), ("2026年3月4日(水) 14:05", 4, 14), ("46085", 4, None),
        ("46085.5868055556", 4, 14), ("46085,5868055556", 4, 14),
    ],
)  # fmt: skip
def test_dates_as_other_languages_and_spreadsheets_write_them(
    text: str, day: int, hour: int | None
):
    texts = pl.Series([text, None, text])
    found = read_times(texts, decide_order([texts], told=None))
    expected = at(2026, 3, day, hour or 0, 5 if hour else 0)
    assert found.row(0) == (expected, False, hour is None)
    assert found.row(1)[0] is None


@pytest.mark.parametrize(
    ("text", "month"), [("5 maj 2026", 5), ("12 août 2026 à 14:05", 8), ("12 de agosto de 2026", 8)]
)
def test_months_of_other_languages(text: str, month: int):
    texts = pl.Series([text])
    assert read_times(texts, decide_order([texts], told=None))["when"][0].month == month


@pytest.mark.parametrize("others", [["2026-03-04"], ["4000000"], ["12"]])
def test_number_among_other_things_is_no_day(others: list[str]):
    texts = pl.Series(["46085", *others])
    assert read_times(texts, decide_order([texts], told=None))["when"][0] is None


def test_addresses_are_unwrapped_and_keep_their_case():
    texts = pl.Series(
        ["A+x@B.c", "Joe <j@x.com>", "mailto:a@b", "none", None, "a@b.c; d@e.f", "'q@z.z'"]
    )
    kept = texts.clone()
    assert values.email(texts).to_list() == [
        "A+x@B.c",
        "j@x.com",
        "a@b",
        None,
        None,
        "a@b.c",
        "q@z.z",
    ]
    assert texts.equals(kept)


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("015_Tomas (Tomás Ibáñez)", "Tomás Ibáñez"),
        ("Tomás Ibáñez (iPad)", "Tomás Ibáñez"),
        ("Priya's Notetaker (Otter.ai)", "Priya's Notetaker"),
        ("O'Malley, Grace", "Grace O'Malley"),
        ("Nina Petrov (External)", "Nina Petrov"),
        ("King, Jr", "King, Jr"),
        ("Ann Lee (she/her)", "Ann Lee"),
        ("15550100155", "15550100155"),
    ],
)
def test_display_names_become_names_of_people(shown: str, name: str):
    assert clean_name(shown) == name


def test_every_alias_is_written_as_headings_are_compared():
    for purpose, fields in CANONICAL_FIELDS.items():
        for field in fields.values():
            assert all(normalise(a) == a and a for a in field.aliases), purpose


def test_each_text_is_understood_once():
    seen: list[str] = []

    def understand(text: str) -> int:
        seen.append(text)
        return len(text)

    texts = pl.Series(["a", "bb", None, "a", "bb"] * 50)
    assert values.by_distinct(texts, understand, pl.Int32).to_list() == [1, 2, None, 1, 2] * 50
    assert sorted(seen) == ["a", "bb"]


def test_two_figure_years_mean_this_century_in_large_files_too():
    texts = pl.Series(["5/6/24 10:30 AM", "05-06-24 10:00:00"] * 6_000)
    found = read_times(texts, decide_order([texts], told=True))["when"].unique().sort()
    assert found.to_list() == [at(2024, 6, 5, 10), at(2024, 6, 5, 10, 30)]


@given(st.lists(st.text('0123456789.,-+eE :hm%naif="x٣', max_size=6), max_size=30))
@pytest.mark.parametrize(
    ("understand", "dtype"),
    [(values.count, pl.Int32), (values.number, pl.Float32), (durations.minutes, pl.Float32)],
)
def test_figures_read_at_once_are_what_they_are_one_by_one(
    understand: Callable[[str], float | None], dtype: type[pl.DataType], texts: list[str]
):
    cells = pl.Series("cell", texts, dtype=pl.Utf8)
    read = partial(values.unguarded, understand)
    assert values.by_figure(cells, read, dtype).equals(values.by_distinct(cells, read, dtype))


def test_repeated_columns_are_tidied_as_any_other():
    frame = pl.DataFrame({"status": [" Yes", "N/A", None, "-", '="No"', "Yes "] * 5})
    few = values.tidy(frame, repeated=("status",))["status"]
    assert few.cast(pl.Utf8).equals(values.tidy(frame)["status"])
    assert few.cast(pl.Utf8).to_list()[:6] == ["Yes", None, None, None, "No", "Yes"]


@pytest.mark.parametrize("text", ["0001-01-01", "01/01/0001", "0026-03-04 10:00"])
def test_year_of_four_digits_is_never_taken_for_one_of_this_century(text: str):
    texts = pl.Series([text])
    when = read_times(texts, decide_order([texts], told=False))["when"][0]
    assert when is None or when.year < 100


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Schulung", "training"), ("Formation", "training"), ("Capacitación", "training"),
        ("Seminar", "training"), ("Corso", "training"), ("Szkolenie", "training"), ("Webinaire", "webinar"),
        ("Online-Seminar", "webinar"), ("ウェビナー", "webinar"), ("Konferenz", "conference"),
        ("Conferencia", "conference"), ("Anwendertreffen", "user_group"), ("Taller", "workshop"),
        ("Data formation", None), ("Virtual", None),
    ],
)  # fmt: skip
def test_types_in_other_languages(words: str, kind: str | None):
    assert values.event_type(words) == kind
