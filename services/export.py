"""Frames as CSV and formatted Excel, with formulas made harmless. Every download of the app comes from here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

MOST_ROWS = 1_048_575
"""What an Excel sheet holds under its header."""
_ACTIVE = r"^\s*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]"
_NOT_IN_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
_NUMBER = r"^\s*[+-]?\d+([.,]\d+)?\s*%?$"
_HEAD_FONT = Font(bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="1F3A5F")
_WIDEST, _NARROWEST = 60, 8


def defang(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers, also as text, stay numbers."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_harmless(pl.col(name)).alias(name) for name in texts)


def _harmless(text: pl.Expr) -> pl.Expr:
    clean = text.str.replace_all(_NOT_IN_XML, " ")
    active = text.str.contains(_ACTIVE) & ~text.str.contains(_NUMBER)
    return pl.when(active).then(pl.concat_str(pl.lit("'"), clean)).otherwise(clean)


def to_csv(frame: pl.DataFrame, labels: Mapping[str, str] | None = None) -> bytes:
    """UTF-8 with a mark that Excel needs to see, CRLF, a header of `labels`; lists as "a; b"."""
    ready = defang(_flat(frame))
    head = io.StringIO()
    csv.writer(head).writerow(_heads(ready, labels))
    body = ready.write_csv(include_header=False, line_terminator="\r\n")
    return b"\xef\xbb\xbf" + (head.getvalue() + body).encode()


def to_xlsx(
    frame: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    *,
    title: str = "Data",
    formats: Mapping[str, str] | None = None,
) -> bytes:
    """One sheet: styled header that stays in view, filters, widths by content. `formats`: Excel number
    formats by column ('#,##0'). Moments are written in UTC, as Excel knows no zones."""
    ready = defang(_flat(frame)).head(MOST_ROWS)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    for place, (name, head) in enumerate(zip(ready.columns, _heads(ready, labels), strict=True), 1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(ready[name], head)
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(ready.width, 1))
    sheet.auto_filter.ref = f"A1:{last}{ready.height + 1}"
    sheet.append([_head_cell(sheet, head) for head in _heads(ready, labels)])
    wanted = [
        _number_format(ready.schema[name], (formats or {}).get(name)) for name in ready.columns
    ]
    for row in ready.iter_rows():
        sheet.append(_cells(sheet, row, wanted))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists joined, moments in UTC without their zone, everything else as it is."""
    return frame.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        if isinstance(kind, pl.List)
        else pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List) or (isinstance(kind, pl.Datetime) and kind.time_zone)
    )


def _heads(frame: pl.DataFrame, labels: Mapping[str, str] | None) -> list[str]:
    plain = pl.Series([(labels or {}).get(name, name) for name in frame.columns], dtype=pl.String)
    return plain.to_frame("head").select(head=_harmless(pl.col("head")))["head"].to_list()


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
