"""The careful reader: every record of a delimited text with its number, nothing shifted or dropped."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from data.errors import FileRefused
from integrations.formats.content import MAX_LINE

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 512
_BLANK = " \t\r\n\u00a0\ufeff\u3000"


class Record(NamedTuple):
    """One record. `flaw` says why its cells cannot be trusted."""

    line: int
    cells: list[str]
    flaw: str | None = None
    ends: int = 0  # physical lines of text up to and including this record
    open: bool = False  # the text ends with this record, in the middle of its line

    @property
    def blank(self) -> bool:
        return self.flaw is None and not "".join(self.cells).strip(_BLANK)

    def filled(self) -> list[str]:
        """The cells up to the last one that holds something."""
        cells = [c.strip(_BLANK) for c in self.cells]
        while cells and not cells[-1]:
            cells.pop()
        return cells


@dataclass(frozen=True)
class Grid:
    """All records in order, blank ones too. Line numbers count records, as a spreadsheet shows."""

    records: list[Record]

    @classmethod
    def of(cls, rows: Iterable[list[str]]) -> Grid:
        return cls([Record(n, row) for n, row in enumerate(rows, 1)])


class _Lines:
    """Feeds the csv reader and remembers what the record under way was made of."""

    def __init__(self, text: str) -> None:
        # newline="" keeps \r\n inside quoted cells and still ends lines at a lone \r.
        self._stream = io.StringIO(text, newline="")
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._stream:
            if len(line) > MAX_LINE:
                raise FileRefused("A line of this file is longer than 1 MB; that is not a table.")
            self.taken.append(line)
            yield line


def read_grid(text: str, delimiter: str, *, limit: int | None = None) -> Grid:
    """All (or the first `limit`) records. A broken quotation mark spoils its own record only;
    one that is never closed would swallow the rest of the file, so that file is refused."""
    csv.field_size_limit(MAX_LINE)
    lines = _Lines(text)
    # Tab-separated exports write quotation marks as they are.
    strict = delimiter != "\t"
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=strict)
    records: list[Record] = []
    while limit is None or len(records) < limit:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            broken = _broken(lines.taken, len(records) + 1, error, partial=limit is not None)
            records.append(broken._replace(ends=reader.line_num))
            continue
        if len(cells) > MAX_COLUMNS:
            raise FileRefused(
                f"Record {len(records) + 1} has {len(cells):,} columns; {MAX_COLUMNS} is the most "
                "that can be read. Keep the columns that matter and upload again."
            )
        records.append(Record(len(records) + 1, cells, None, reader.line_num))
    if limit is None and records and not text.endswith(("\n", "\r")):
        records[-1] = records[-1]._replace(open=True)
    return Grid(records)


def _broken(taken: list[str], number: int, error: csv.Error, *, partial: bool) -> Record:
    text = "".join(taken).rstrip("\r\n")
    if len(taken) == 1 or partial:
        return Record(number, [text], "A quotation mark in this row is out of place.")
    if "end of data" in str(error):
        raise FileRefused(
            f"The quotation mark opened in record {number} is never closed. "
            "Close it, or export the file again, and upload that."
        )
    raise FileRefused(
        f"A quotation mark in record {number} is out of place and runs over several lines. "
        "Correct it, or export the file again, and upload that."
    )
