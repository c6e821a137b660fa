"""Excel workbooks: looked over before they are opened, then read sheet by sheet as text."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from data.errors import FileRefused
from integrations.formats.tables import MAX_CELL

_MEMBERS = 2_000
_MEMBER_BYTES = 400 << 20
_TOTAL_BYTES = 600 << 20
_RATIO = 150
_SMALL = 16 << 20  # below this nothing that unpacks can hurt
_CHUNK = 1 << 20
_OVERLAP = 64
_SCANNED = 4  # a far cell further down costs the child its life, no more
# Columns beyond TZ (546): such a cell makes readers reserve the whole rectangle up to it.
_FAR_CELL = re.compile(
    rb"""\br\s*=\s*["'](?:[A-Z]{3,}|[U-Z][A-Z])\d|\br\s*=\s*["'][A-Z]{0,3}\d{8,}"""
)
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)

NOT_SAFE = "This workbook is built in a way no export is. Save it again in Excel, or as CSV."
DAMAGED = "This workbook is damaged or cut off. Save it again and upload that."
LOCKED = "This workbook has a password. Remove it, save the file and upload that."

Cell = str | float | int | bool | dt.datetime | dt.date | dt.time | dt.timedelta


def preflight(path: Path) -> None:
    """Refuse archives that are no workbook, unpack to too much, or hold a far-off cell or a DTD."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_directory(members)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    _check_member(archive, member)
    except (zipfile.BadZipFile, EOFError, zipfile.LargeZipFile, NotImplementedError) as error:
        raise FileRefused(DAMAGED) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise FileRefused(DAMAGED) from error
    except zlib.error as error:
        raise FileRefused(DAMAGED) from error


def _check_directory(members: list[zipfile.ZipInfo]) -> None:
    names = [m.filename for m in members]
    if any(m.flag_bits & 1 for m in members):
        raise FileRefused(LOCKED)
    if "xl/workbook.xml" not in names:
        raise FileRefused("This archive is not an Excel workbook. Save the table as .xlsx or CSV.")
    if len(names) > _MEMBERS or len(set(names)) != len(names):
        raise FileRefused(NOT_SAFE)
    if any(n.startswith(("/", "\\")) or ".." in n for n in names):
        raise FileRefused(NOT_SAFE)
    total = sum(m.file_size for m in members)
    packed = sum(m.compress_size for m in members) or 1
    if total > _TOTAL_BYTES or any(m.file_size > _MEMBER_BYTES for m in members):
        raise FileRefused("This workbook unpacks to more than can be read. Save it as CSV instead.")
    if total > _SMALL and total / packed > _RATIO:
        raise FileRefused(NOT_SAFE)


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    sheet = member.filename.startswith("xl/worksheets/")
    with archive.open(member) as stream:
        tail, first = b"", True
        for _ in range(_SCANNED):
            chunk = stream.read(_CHUNK)
            piece = tail + chunk
            if first and (_DTD.search(piece) or chunk[:2] in (b"\xff\xfe", b"\xfe\xff")):
                raise FileRefused(NOT_SAFE)
            if not sheet:
                return
            if _FAR_CELL.search(piece):
                raise FileRefused(
                    "A cell of this workbook lies beyond column TZ. Delete what is not needed, "
                    "or save the table as CSV."
                )
            tail, first = piece[-_OVERLAP:], False


def sheets(path: Path) -> Iterator[tuple[str, list[list[str]]]]:
    """Name and rows (all text, from A1) of every sheet that holds something."""
    import python_calamine

    try:
        with path.open("rb") as stream:
            book = python_calamine.CalamineWorkbook.from_filelike(stream)
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                rows = sheet.to_python(skip_empty_area=False)
                texts = [[c if type(c) is str else _text(c) for c in row] for row in rows]
                if texts:
                    _fill_down(texts, sheet.merged_cell_ranges or [])
                    yield name, texts
    except python_calamine.PasswordError as error:
        raise FileRefused(LOCKED) from error
    except (python_calamine.CalamineError, ValueError, OSError, OverflowError) as error:
        raise FileRefused(DAMAGED) from error


def _fill_down(
    rows: list[list[str]], merged: list[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    """What stands in a cell merged over several rows is said of each of them, but for rows that hold nothing of
    their own: those of a title or a remark."""
    own = [any(map(str.strip, row)) for row in rows] if merged else []
    for (top, column), (bottom, _) in merged:
        for row in range(top + 1, min(bottom + 1, len(rows))):
            # Cells right of all that is said are not read, merged or not.
            if own[row] and column < len(rows[row]) and not rows[row][column]:
                rows[row][column] = rows[top][column]


def _text(cell: Cell) -> str:
    """A typed cell as an export would write it: 45 not 45.0, ISO dates, H:MM:SS durations."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, dt.timedelta):
        seconds = int(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)[:MAX_CELL]
