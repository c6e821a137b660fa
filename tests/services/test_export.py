from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import export
from services.export import defang, heads_of, to_csv, to_xlsx

FRAME = pl.DataFrame(
    {
        "name": ["=1+1", "-5", "@x", "\tq", 'Ünlü, "A"', "#N/A"],
        "n": [-1, 2, 3, 4, 5, None],
        "on": [date(2026, 1, 2)] * 6,
        "at": [datetime(2026, 1, 2, 3, 4, tzinfo=UTC)] * 6,
        "tags": [["=a", "b"]] * 6,
    }
)


def test_csv_opens_in_excel_without_running_anything():
    body = to_csv(FRAME, {"name": "=Name"})
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "'=Name"
    assert [row[0] for row in rows[1:]] == ["'=1+1", "-5", "'@x", "'\tq", 'Ünlü, "A"', "#N/A"]
    assert rows[1][1:] == ["-1", "2026-01-02", rows[1][3], "'=a; b"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Acme;=1+1", "Acme;'=1+1"),
        ("Acme; @x", "Acme; '@x"),
        ("a\t+b", "a\t'+b"),
        ("Notes\r\n=1+1", "Notes\r\n'=1+1"),
        ("a=b; c-d", "a=b; c-d"),
        ("\x01=1+1", "' =1+1"),
        ("\ufffe=1+1", "' =1+1"),
        ("\x1f@SUM(1)", "' @SUM(1)"),
        ("\x85 \x7f-cmd", "'\x85 \x7f-cmd"),
        ("\u200b\ufeff+A1", "'\u200b\ufeff+A1"),
        ("Acme;\x02=1+1", "Acme; '=1+1"),
    ],
)
def test_csv_runs_nothing_where_cells_are_parted_otherwise(text: str, left: str):
    body = to_csv(pl.DataFrame({"t": [text], "l": [text.split("; ")]})).decode("utf-8-sig")
    _, (cell, joined) = csv.reader(io.StringIO(body, newline=""))
    assert (cell, joined) == (left, left)
    for sign in ";\t":
        rows = csv.reader(io.StringIO(body.replace('"', ""), newline=""), delimiter=sign)
        assert [c for row in rows for c in row if c.strip()[:1] in ("=", "+", "-", "@")] == []


def test_excel_keeps_types_and_has_a_head_to_work_with():
    sheet = openpyxl.load_workbook(
        io.BytesIO(to_xlsx(FRAME, title="a/b", formats={"n": "#,##0"}))
    ).active
    assert sheet is not None
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.title) == ("A2", "A1:E7", "a b")
    assert sheet["A1"].font.bold
    assert [sheet[f"A{r}"].data_type for r in range(2, 8)] == ["s"] * 6
    assert (sheet["B2"].value, sheet["B2"].number_format, sheet["B7"].value) == (-1, "#,##0", None)
    assert str(sheet["C2"].value) == "2026-01-02 00:00:00"
    assert str(sheet["D2"].value) == "2026-01-02 03:04:00"


def test_what_is_more_than_a_sheet_holds_goes_on_on_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(export, "MOST_ROWS", 2)
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(FRAME, title="Customers and what they did")))
    assert [(one.title, one.max_row) for one in book.worksheets] == [
        ("Customers and what they did", 3),
        ("Customers and what they  (2)", 3),
        ("Customers and what they  (3)", 3),
    ]
    numbers = [c.value for one in book.worksheets for c in one["B"][1:]]
    assert numbers == FRAME["n"].to_list()


def test_head_of_a_moment_says_its_zone():
    body = to_csv(FRAME.select("at", "on"), {"at": "Joined", "on": "Held on"}).decode("utf-8-sig")
    assert body.splitlines()[0] == "Joined (UTC),Held on"
    (sheet,) = openpyxl.load_workbook(
        io.BytesIO(to_xlsx(FRAME.select("at"), {"at": "When (UTC)"}))
    ).worksheets
    assert sheet["A1"].value == "When (UTC)"


def test_heads_are_written_as_the_house_writes_them():
    assert heads_of(["arr", "csm", "renews_on", "arr_lost"]) == {
        "arr": "ARR", "csm": "CSM", "renews_on": "Renews on", "arr_lost": "ARR lost",
    }  # fmt: skip


def test_empty_frame_is_a_header():
    empty = pl.DataFrame(schema={"a": pl.Utf8})
    assert to_csv(empty) == b"\xef\xbb\xbfa\r\n"
    assert to_xlsx(empty)[:2] == b"PK"


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
def test_no_text_leaves_as_a_formula(texts: list[str]):
    found = defang(pl.DataFrame({"t": texts}))["t"].to_list()
    for before, after in zip(texts, found, strict=True):
        runs = re.match(r"[=+\-@\t\r]", after) is not None
        assert not runs or re.fullmatch(r"[+-]?\d+([.,]\d+)?\s*%?", after)
        assert after.removeprefix("'") or not before.removeprefix("'")
