"""A loaded file as layouts look at it: its first records under each delimiter, and all of them."""

from __future__ import annotations

import polars as pl

from integrations.formats.fast import read_fast
from integrations.formats.grid import DELIMITERS, Grid, Record, read_grid
from integrations.formats.headings import normalise
from integrations.formats.tables import Table, from_records
from integrations.formats.ticket_exports import ROWS_OF_TEXT

HEAD_RECORDS = 60
_HEAD_BYTES = 1 << 18
_BETWEEN = {"domain": "; ", "email": "; ", "comments": ROWS_OF_TEXT}
"""What separates the texts of a field that several columns hold, where a blank will not do."""
_FAST_FROM = 1 << 19


class Document:
    """One delimited text, or one sheet of a workbook given as its `sheet` of text cells."""

    def __init__(self, text: bytes = b"", *, sheet: list[list[str]] | None = None) -> None:
        self.text = text
        self._sheet = None if sheet is None else Grid.of(sheet)
        self._grids: dict[str, Grid] = {}
        self._heads: dict[str, list[Record]] = {}

    @property
    def delimiters(self) -> tuple[str, ...]:
        """Those that occur, first the one that makes most cells of the first records."""
        if self._sheet is not None:
            return (",",)
        head = self.text[:_HEAD_BYTES]
        found = [d for d in DELIMITERS if d.encode() in head] or [","]
        cells = {d: sum(len(r.cells) for r in self.head(d)) for d in found}
        return tuple(sorted(found, key=lambda d: -cells[d]))

    def forget(self) -> None:
        """Let go of the text once its table is read: a large one is worth the memory."""
        self.text = b""
        self._grids.clear()

    def head(self, delimiter: str) -> list[Record]:
        if self._sheet is not None:
            return self._sheet.records[:HEAD_RECORDS]
        if delimiter not in self._heads:
            self._heads[delimiter] = self._read_head(delimiter)
        return self._heads[delimiter]

    def _read_head(self, delimiter: str) -> list[Record]:
        piece = self.text[:_HEAD_BYTES]
        if len(self.text) > _HEAD_BYTES:
            piece = piece[: piece.rfind(b"\n") + 1] or piece
        return read_grid(piece.decode("utf-8", "replace"), delimiter, limit=HEAD_RECORDS).records

    def records(self, delimiter: str) -> list[Record]:
        if self._sheet is not None:
            return self._sheet.records
        if delimiter not in self._grids:
            self._grids[delimiter] = read_grid(self.text.decode(), delimiter)
        return self._grids[delimiter].records

    def table(self, header: Record | None, delimiter: str, *, padded: bool = False) -> Table:
        """The table below `header`, or the whole text under made-up headings when there is none."""
        after = 0 if header is None else header.line
        if header is None:
            width = max((len(r.cells) for r in self.head(delimiter)), default=1)
            names = [f"Column {n}" for n in range(1, width + 1)]
        else:
            names = [c.strip() for c in header.cells]
        if self._sheet is None and len(self.text) > _FAST_FROM:
            skipped = 0 if header is None else header.ends
            quick = read_fast(self.text, names, delimiter, (after, skipped), padded=padded)
            if quick is not None:
                return quick
        shape = padded or self._sheet is not None
        return from_records(names, self.records(delimiter)[after:], padded=shape)


def headings(record: Record) -> set[str]:
    """A record's cells as headings are compared."""
    return {normalise(c) for c in record.cells} - {""}


def pick(table: Table, columns: dict[str, str]) -> tuple[pl.DataFrame, dict[str, str]]:
    """Canonical text columns by an exact heading table (normalised heading -> field).

    The first column of a field wins. Returns the frame (with line and flaw; a field without a
    column is null, so that layouts need not ask what a damaged report still has) and
    field -> column."""
    mapping: dict[str, str] = {}
    for column in table.header:
        field = columns.get(normalise(column))
        if field is not None and field not in mapping:
            mapping[field] = column
    missing = sorted(set(columns.values()) - mapping.keys())
    blank = [pl.lit(None, dtype=pl.Utf8).alias(field) for field in missing]
    return select(table, mapping).with_columns(blank), mapping


def select(table: Table, mapping: dict[str, str]) -> pl.DataFrame:
    """`mapping` field -> column, or 'column + column' whose texts are read together."""
    columns = {"line": table.cells["line"], "flaw": table.cells["flaw"]}
    for field, named in mapping.items():
        columns[field] = gather(table, named, _BETWEEN.get(field, " "))
    return pl.DataFrame(columns)


def gather(table: Table, named: str, separator: str) -> pl.Series:
    if named in table.header:
        return table.column(named)
    parts = [
        table.column(n).rename(str(i))
        for i, n in enumerate(named.split(" + "))
        if n in table.header
    ]
    if not parts:
        return pl.repeat(None, table.cells.height, dtype=pl.Utf8, eager=True)
    filled = [pl.when(pl.col(p.name).str.strip_chars() != "").then(p.name) for p in parts]
    return (
        pl.DataFrame(parts)
        .select(pl.concat_str(filled, separator=separator, ignore_nulls=True))
        .to_series()
    )
