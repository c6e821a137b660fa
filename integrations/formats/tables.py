"""A plain table: one header, text cells, and for every row what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from integrations.formats.grid import Record

MAX_CELL = 32_767


@dataclass(frozen=True)
class Table:
    """`cells`: c0, c1, … Utf8 in the order of `header`, then line UInt32, flaw Utf8, raw Utf8.

    `raw` (a JSON list of the cells) is filled where `flaw` is; `raw_cells` makes it for any row.
    """

    header: tuple[str, ...]
    cells: pl.DataFrame
    blank: int

    def column(self, name: str) -> pl.Series:
        return self.cells[f"c{self.header.index(name)}"]

    def sample(self) -> tuple[tuple[str, ...], ...]:
        first = self.cells.select(f"c{i}" for i in range(len(self.header))).head(5)
        return tuple(tuple(str(v or "") for v in row) for row in first.iter_rows())


def unique_header(cells: Sequence[str]) -> tuple[str, ...]:
    """Headings made distinct: blank ones and repeats are numbered, so each names one column."""
    seen: dict[str, int] = {}
    header: list[str] = []
    for position, cell in enumerate(cells, 1):
        name = " ".join(cell.replace("\ufeff", "").split()) or f"Column {position}"
        seen[name] = seen.get(name, 0) + 1
        numbered = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while numbered in header:
            seen[name] += 1
            numbered = f"{name} ({seen[name]})"
        header.append(numbered)
    return tuple(header)


CUT_OFF = "The file seems to be cut off here."


def width_flaw(found: int, expected: int, *, cut: bool = False) -> str:
    said = f"This row has {found} cells where the heading has {expected}."
    return f"{said} {CUT_OFF}" if cut else said


def from_records(
    header: Sequence[str], records: Sequence[Record], *, padded: bool = False
) -> Table:
    """A table of careful records. `padded`: short rows are usual here and are filled with blanks;
    a row longer than the heading is kept when everything beyond it is blank. Shorter than all others,
    and without the end of its line, the last row is what is left of a longer one."""
    names = unique_header(header)
    width = len(names)
    kept = [r for r in records if not r.blank]
    least = min((len(r.cells) for r in kept if not r.open), default=width)
    cut = [r.open and len(r.cells) < min(least, width) for r in kept]
    judged = [
        _judged(r, width, padded=padded and not short, cut=short)
        for r, short in zip(kept, cut, strict=True)
    ]
    columns = list(zip(*(cells for cells, _ in judged), strict=True)) or [()] * width
    cells = pl.DataFrame(
        [pl.Series(f"c{i}", columns[i], dtype=pl.Utf8) for i in range(width)]
        + [
            pl.Series("line", [r.line for r in kept], dtype=pl.UInt32),
            pl.Series("flaw", [flaw for _, flaw in judged], dtype=pl.Utf8),
            pl.Series(
                "raw",
                [raw_text(r.cells) if j[1] else None for r, j in zip(kept, judged, strict=True)],
                dtype=pl.Utf8,
            ),
        ]
    )
    return Table(names, cells, len(records) - len(kept))


def _judged(record: Record, width: int, *, padded: bool, cut: bool) -> tuple[list[str], str | None]:
    """A record's cells, as many as there are headings, and what is wrong with it."""
    cells, flaw = record.cells, record.flaw
    if flaw is None and len(cells) == width:
        return cells, None
    if flaw is None:
        beyond = any(c.strip() for c in cells[width:])
        if not beyond and (len(cells) > width or padded):
            return fit(cells, width), None
        flaw = width_flaw(len(cells), width, cut=cut)
    return [""] * width, flaw


def fit(cells: list[str], width: int) -> list[str]:
    return cells[:width] + [""] * (width - len(cells))


def raw_text(cells: Sequence[str]) -> str:
    return json.dumps([c[:MAX_CELL] for c in cells], ensure_ascii=False)


def raw_cells(cells: pl.DataFrame) -> pl.Series:
    """The JSON list of each row's cells, made in one pass over the columns."""
    names = [c for c in cells.columns if c not in ("line", "flaw", "raw")]
    quoted = [
        pl.col(c)
        .fill_null("")
        .str.replace_many(["\\", '"', "\n", "\r", "\t"], ["\\\\", '\\"', "\\n", "\\r", "\\t"])
        .str.replace_all(r"[\x00-\x1f]", "")
        for c in names
    ]
    joined = pl.concat_str(quoted, separator='","') if quoted else pl.lit("")
    return cells.select((pl.lit('["') + joined + pl.lit('"]')).alias("raw"))["raw"]
