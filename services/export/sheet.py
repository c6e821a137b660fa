"""A frame as one formatted sheet of Excel."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

_HEAD_FONT = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="1F3A5F")
_WIDEST, _NARROWEST = 60, 8


def write_book(
    sheets: Iterable[tuple[pl.DataFrame, Sequence[str], str, Mapping[str, str]]],
) -> bytes:
    """The cells as they are in each frame, under its heads: frame, heads, title, formats; see `to_xlsx`."""
    book = Workbook(write_only=True)
    for frame, heads, title, formats in sheets:
        _add(book, frame, heads, title, formats)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add(
    book: Workbook,
    frame: pl.DataFrame,
    heads: Sequence[str],
    title: str,
    formats: Mapping[str, str],
) -> None:
    sheet = book.create_sheet(_sheet_name(title))
    for place, (name, head) in enumerate(zip(frame.columns, heads, strict=True), 1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(frame[name], head)
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(frame.width, 1))
    sheet.auto_filter.ref = f"A1:{last}{frame.height + 1}"
    sheet.append([_head_cell(sheet, head) for head in heads])
    wanted = [_number_format(frame.schema[name], formats.get(name)) for name in frame.columns]
    for row in frame.iter_rows():
        sheet.append(_cells(sheet, row, wanted))


def _sheet_name(title: str) -> str:
    kept = "".join(" " if c in "[]:*?/\\'" else c for c in title).strip()
    return kept[:31] or "Data"


def _width(column: pl.Series, head: str) -> float:
    longest = column.head(1_000).cast(pl.String, strict=False).str.len_chars().max()
    return min(_WIDEST, max(_NARROWEST, len(head) + 4, int(str(longest or 0)) + 2))


def _head_cell(sheet: Any, head: str) -> Any:
    cell = WriteOnlyCell(sheet, value=head)
    cell.font, cell.fill = _HEAD_FONT, _HEAD_FILL
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _number_format(kind: pl.DataType, wanted: str | None) -> str | None:
    if wanted:
        return wanted
    if kind == pl.Date:
        return "yyyy-mm-dd"
    return "yyyy-mm-dd hh:mm" if isinstance(kind, pl.Datetime) else None


def _cells(sheet: Any, row: Iterable[Any], formats: list[str | None]) -> list[Any]:
    return [_cell(sheet, value, form) for value, form in zip(row, formats, strict=True)]


def _cell(sheet: Any, value: Any, form: str | None) -> Any:
    if isinstance(value, str):
        return _text(sheet, value) if value.startswith(("#", "=")) else value
    if form is None or value is None or isinstance(value, bool):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = form
    return cell


def _text(sheet: Any, value: str) -> Any:
    """openpyxl would take `=…` for a formula and `#N/A` for an error."""
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
