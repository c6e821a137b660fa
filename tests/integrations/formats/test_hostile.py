"""Files nobody should send, made on the spot: each is refused in plain words, or read safely."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from data.errors import FileRefused
from integrations.formats import read
from integrations.sandbox import read_file
from tests.support.wallclock import at

pytestmark = pytest.mark.child
SAMPLES = Path(__file__).resolve().parents[2] / "samples"

TABLE = "Name,Email,Event\nAda Long,ada@a.example,Clinic\n"
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def workbook(rows: list[list[object]]) -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def with_member(data: bytes, name: str, text: str) -> bytes:
    """The same workbook with one member replaced or added."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, text)
    return stream.getvalue()


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


GOOD = workbook([["Name", "Email", "Event"], ["Ada Long", "ada@a.example", "Clinic"]])


def cell(reference: str) -> str:
    return f'{HEAD}<row r="1"><c r="A1" t="str"><v>Email</v></c></row><row><c r="{reference}"><v>1</v></c></row>{TAIL}'


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b" \r\n\t \n", "empty"),
    "byte order mark only": (b"\xef\xbb\xbf", "empty"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "picture"),
    "program": (b"MZ\x90\x00" + bytes(200), "program"),
    "compressed": (b"\x1f\x8b\x08\x00" + bytes(20), "compressed"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old Excel"),
    "web page": (b"<!DOCTYPE html><html><table><tr><td>Email</td></tr></table>", "web page"),
    "noise": (bytes(range(1, 9)) * 100, "not text"),
    "empty archive": (b"PK\x05\x06" + bytes(18), "empty"),
    "archive of something": (archive(readme=b"hello"), "not an Excel"),
    "cut off workbook": (GOOD[: len(GOOD) // 2], "damaged"),
    "damaged workbook": (
        GOOD[:200] + bytes(400) + GOOD[600:],
        "damaged|not an Excel|built in a way",
    ),
    "workbook without cells": (workbook([]), "empty"),
    "far cell": (with_member(GOOD, SHEET, cell("XFD1048576")), "TZ"),
    "far row": (with_member(GOOD, SHEET, cell("A99999999")), "TZ"),
    "entity": (
        with_member(GOOD, SHEET, '<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD + TAIL),
        "built in a way",
    ),
    "climbing member": (with_member(GOOD, "../../etc/passwd", "x"), "built in a way"),
    "bomb": (with_member(GOOD, SHEET, HEAD + " " * (40 << 20) + TAIL), "built in a way"),
    "thousand columns": (b",".join(b"c%d" % n for n in range(1000)) + b"\n1,2\n", "512"),
    "endless line": (b"Email,Name\n" + b"a" * (2 << 20) + b"\n", "1 MB"),
    "headings only": (b"Email,Name,Event\n", "no rows"),
    "sections without rows": (
        (SAMPLES / "zoom_webinar_attendee_2025.csv").read_bytes().partition(b"Host Details")[0]
        + b"Host Details\nAttended,User Name (Original Name),Email,Join Time,Leave Time",
        "no rows",
    ),
    "broken json": (b'[{"email": "a@a.example"', "damaged"),
    "deep json": (b"[" * 100_000, "nested|damaged"),
    "json without people": (b'{"error": "not found"}', "no list"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_file_is_refused_in_plain_words(tmp_path: Path, data: bytes, words: str):
    path = tmp_path / "attendance.csv"
    path.write_bytes(data)
    with pytest.raises(FileRefused, match=words):
        read(path)


@pytest.mark.parametrize("extension", ["csv", "xlsx", "txt"])
@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        GOOD,
    ],
    ids=["utf-8", "utf-8 BOM", "utf-16", "utf-16-le", "utf-16-be", "workbook"],
)
def test_content_decides_and_not_the_extension(tmp_path: Path, data: bytes, extension: str):
    path = tmp_path / f"report.{extension}"
    path.write_bytes(data)
    parsed = read(path)
    assert parsed.rows.select("name", "email").rows() == [("Ada Long", "ada@a.example")]
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("cell", "kept"), [("a\0da@a.example", None), ("ada@a.com\0b@evil.com", "ada@a.com")]
)
def test_nul_character_makes_no_address_that_nobody_has(
    tmp_path: Path, cell: str, kept: str | None
):
    path = tmp_path / "report.csv"
    path.write_bytes(TABLE.replace("ada@a.example", cell).encode())
    parsed = read(path)
    assert parsed.rows["email"].to_list() == [kept]
    assert "NUL" in parsed.warnings[0]


def test_windows_text_keeps_its_accents_and_says_so(tmp_path: Path):
    path = tmp_path / "report.csv"
    path.write_bytes(
        "Name,Email\nJürgen Müller,j@a.example\n".encode("cp1252") + b"\x81,k@a.example\n"
    )
    parsed = read(path)
    assert parsed.rows["name"].to_list() == ["Jürgen Müller", "?"]
    assert "Windows-1252" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("name", "code", "foreign"),
    [
        ("Иван Петров", "cp1251", True),
        ("Ελένη Παπαδοπούλου", "iso-8859-7", True),
        ("山田太郎、佐藤花子", "shift_jis", True),
        ("王小明和李小红", "gbk", True),
        ("Zoë Müßig-Lång", "cp1252", False),
        ("Przemysław Żółtowski", "cp1250", False),
    ],
)
def test_text_of_another_alphabet_is_not_passed_off_as_accents(
    tmp_path: Path, name: str, code: str, *, foreign: bool
):
    path = tmp_path / "report.csv"
    path.write_bytes(f"Name,Email\n{name},j@a.example\n".encode(code))
    (told,) = read(path).warnings
    assert ("Save it as “CSV UTF-8” and upload that" in told) is foreign


def test_sheet_with_a_lying_dimension_is_read_whole(tmp_path: Path):
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="str"><v>{"Email" if n == 1 else f"p{n}@a.example"}</v></c></row>'
        for n in range(1, 51)
    )
    text = HEAD.replace("<sheetData>", '<dimension ref="A1:A2"/><sheetData>') + rows + TAIL
    path = tmp_path / "report.xlsx"
    path.write_bytes(with_member(GOOD, SHEET, text))
    assert read(path).records == 49


def test_typed_cells_are_read_as_an_export_writes_them(tmp_path: Path):
    path = tmp_path / "report.xlsx"
    path.write_bytes(
        workbook(
            [
                ["Name", "Email", "Join Time", "Duration", "Attended", "Polls"],
                [
                    "Ada",
                    "ada@a.example",
                    at(2026, 1, 5, 10, 30),
                    dt.time(0, 45),
                    True,
                    3,
                ],
            ]
        )
    )
    row = read(path).rows.row(0, named=True)
    assert (str(row["joined_at"]), row["minutes"], row["status"], row["polls"]) == (
        "2026-01-05 10:30:00",
        45.0,
        "attended",
        3,
    )


def test_other_sheets_are_named_in_a_warning(tmp_path: Path):
    book = openpyxl.Workbook()
    book.create_sheet("Cover").append(["Prepared for Lumen Ridge"])
    people = book.create_sheet("People")
    people.append(["Name", "Email"])
    people.append(["Ada", "ada@a.example"])
    path = tmp_path / "report.xlsx"
    book.save(path)
    parsed = read(path)
    assert parsed.records == 1
    assert '"People"' in parsed.warnings[0]


def test_formula_text_stays_data(tmp_path: Path):
    path = tmp_path / "report.csv"
    path.write_text("Name,Email\n\"=cmd|' /C calc'!A0\",a@a.example\n")
    assert read(path).rows["name"].to_list() == ["=cmd|' /C calc'!A0"]


def test_cell_that_is_a_book_is_a_problem_of_its_row(tmp_path: Path):
    path = tmp_path / "report.csv"
    path.write_text(f"Name,Email\n{'x' * 5000},a@a.example\nAda,ada@a.example\n")
    assert read(path).rows["problem"].to_list() == [
        "The name of this row is too long to be one.",
        None,
    ]


def test_half_characters_in_json_are_replaced(tmp_path: Path):
    path = tmp_path / "list.json"
    path.write_bytes(b'[{"name": "A\\ud800da", "email": "a@a.example"}]')
    assert read(path).rows["name"].to_list() == ["A?da"]


CHILD = ["pdf", "cut off workbook", "far cell", "bomb", "broken json"]


@pytest.mark.parametrize("name", CHILD)
def test_refusal_reaches_the_caller_from_the_child(tmp_path: Path, name: str):
    data, words = REFUSED[name]
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(FileRefused, match=words):
        read_file(path)


@pytest.mark.parametrize("sample", ["zoom_webinar_attendee_2025.csv"])
def test_what_is_left_of_a_row_where_the_file_is_cut_off_is_rejected(tmp_path: Path, sample: str):
    whole = (SAMPLES / sample).read_bytes()
    at = whole.index(b"@", len(whole) // 2) + 12
    path = tmp_path / "half.csv"
    path.write_bytes(whole[:at])
    parsed = read(path)
    assert "cut off" in parsed.rows["problem"].to_list()[-1]
    assert parsed.rows["problem"].null_count() == parsed.records - 1
    assert any("cut off" in words for words in parsed.warnings)
    path.write_bytes(whole.rstrip())  # no line end, but nothing lost
    assert (read(path).records, read(path).warnings) == (read(SAMPLES / sample).records, ())
