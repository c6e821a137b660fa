"""Workbooks as people make them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from integrations.formats import ParsedFile, read


def read_sheet(folder: Path, rows: Sequence[Sequence[object]], *merged: str) -> ParsedFile:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    path = folder / "upload.xlsx"
    book.save(path)
    return read(path)


HEADER = ("Event", "Date", "Name", "Email", "Status")


def test_cell_merged_over_several_rows_is_said_of_each(tmp_path: Path):
    rows = [
        HEADER,
        ("Clinic", "2026-05-05", "Ada", "ada@a.example", "Attended"),
        (None, None, "Bo", "bo@b.example", "No-show"),
        ("Summit", "2026-06-02", "Cy", "cy@c.example", "Attended"),
        (None, None, "Di", "di@d.example", "Attended"),
        (None, None, "Ed", "ed@e.example", None),
    ]
    parsed = read_sheet(tmp_path, rows, "A2:A3", "B2:B3", "A4:A6", "B4:B6", "E5:E6")
    assert parsed.rows["problem"].null_count() == 5
    assert parsed.rows["event_ref"].to_list() == [0, 0, 1, 1, 1]
    assert parsed.rows["status"].to_list() == ["attended", "no_show", *["attended"] * 3]
    assert parsed.events["name"].to_list() == ["Clinic", "Summit"]


def test_title_and_remark_merged_over_rows_of_their_own_are_no_records(tmp_path: Path):
    rows = [
        ("Who came",), (), HEADER,
        ("Clinic", "2026-05-05", "Ada", "ada@a.example", "Attended"),
        ("Counted by hand",), (), (),
    ]  # fmt: skip
    parsed = read_sheet(tmp_path, rows, "A1:E2", "A5:E7")
    assert parsed.columns == HEADER
    assert parsed.rows["problem"].is_null().to_list() == [True, False]


def test_cells_merged_right_of_all_that_is_written_say_nothing(tmp_path: Path):
    rows = [
        HEADER,
        *(("Clinic", "2026-05-05", n, f"{n}@a.example", "Attended") for n in ("Ada", "Bo")),
    ]
    parsed = read_sheet(tmp_path, rows, "G2:H3", "XFD1:XFD3")
    assert parsed.columns == HEADER
    assert parsed.rows["problem"].null_count() == 2


def test_of_sheets_with_unknown_headings_the_fullest_is_shown_to_be_mapped(tmp_path: Path):
    book = Workbook()
    legend = book.active
    assert legend is not None
    legend.append(["Sigle", "Sens"])
    legend.append(["X", "Venu"])
    data = book.create_sheet("Données")
    data.append(["Qui", "Quoi", "Quand"])
    for name in ("Ada", "Bo", "Cy"):
        data.append([name, "Atelier", "2026-05-05"])
    path = tmp_path / "upload.xlsx"
    book.save(path)
    parsed = read(path)
    assert parsed.needs_mapping
    assert parsed.columns == ("Qui", "Quoi", "Quand")
    assert any("only" in one and "Données" in one for one in parsed.warnings)
