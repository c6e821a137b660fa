"""The columnar reader for big plain tables, held to the careful reader's account of every row."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from data.errors import FileRefused
from integrations.formats.content import MAX_LINE
from integrations.formats.tables import Table, raw_text, unique_header, width_flaw


class Shape(NamedTuple):
    """`padded`: short rows are usual. `unfinished`: the text ends within a line."""

    delimiter: str
    padded: bool
    unfinished: bool


def read_fast(
    text: bytes, header: Sequence[str], delimiter: str, skipped: tuple[int, int], *, padded: bool
) -> Table | None:
    """The table below `skipped` (records, physical lines), or None when only the careful reader
    can tell records apart: cells over several lines, stray quotation marks, lone carriage returns.

    A row's width is known without counting delimiters: what its cells do not account for of the
    line's length is delimiters, or cells beyond the heading.
    """
    if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
        return None
    names = unique_header(header)
    width = len(names)
    lines = pl.read_lines(text, name="l")["l"][skipped[1] :]
    if int(lines.str.len_bytes().max() or 0) > MAX_LINE:  # pyright: ignore[reportArgumentType]
        raise FileRefused("A line of this file is longer than 1 MB; that is not a table.")
    quoted = lines.str.contains('"', literal=True).arg_true()
    marked = lines.gather(quoted)
    if not bool(marked.str.contains(_well_formed(delimiter)).all()):
        return None
    lengths = lines.str.len_bytes().cast(pl.Int64)
    if b"\r" in text[:4096]:
        lengths -= lines.str.ends_with("\r").cast(pl.Int64)
    cells = _parse(text, skipped[1], width, delimiter)
    if cells.height != len(lengths):
        return None
    used = cells.select(pl.sum_horizontal(pl.all().str.len_bytes())).to_series()
    gaps = lengths - used.cast(pl.Int64)
    if len(quoted):
        bare = marked.str.replace_all(r'"(?:[^"]|"")*"', "")
        gaps = gaps.scatter(quoted, bare.str.count_matches(delimiter, literal=True).cast(pl.Int64))
    cells = cells.with_row_index("line", skipped[0] + 1).with_columns(
        pl.col("line").cast(pl.UInt32)
    )
    shape = Shape(delimiter, padded, unfinished=not text.endswith(b"\n"))
    return _account(names, cells, lines, (gaps, used), shape)


def _well_formed(delimiter: str) -> str:
    d = re.escape(delimiter)
    return rf'^(?:(?:"(?:[^"]|"")*"|[^"{d}]*)(?:{d}|\r?$))+$'


def _parse(text: bytes, skipped: int, width: int, delimiter: str) -> pl.DataFrame:
    return pl.read_csv(
        text,
        skip_lines=skipped,
        has_header=False,
        separator=delimiter,
        schema={f"c{i}": pl.Utf8 for i in range(width)},
        infer_schema=False,
        empty_string_is_null=False,
        extra_columns="ignore",
        missing_columns="insert",
    )


def _account(
    names: tuple[str, ...],
    cells: pl.DataFrame,
    lines: pl.Series,
    measured: tuple[pl.Series, pl.Series],
    shape: Shape,
) -> Table:
    """Blank rows out, rows of another width flagged with their text."""
    gaps, used = measured
    width = len(names)
    empty = used == 0
    nearly = (~empty & (used < 4 * width)).arg_true()
    if len(nearly):
        hollow = lines.gather(nearly).str.strip_chars(f' \t\r"\u00a0{shape.delimiter}') == ""
        empty = empty.scatter(nearly, hollow)
    odd = ((gaps != width - 1) & ~empty).arg_true().to_list()
    flaws: list[str | None] = []
    raws: list[str | None] = []
    least = width
    for place, line in zip(odd, lines.gather(odd), strict=True):
        row = next(csv.reader([line.rstrip("\r")], delimiter=shape.delimiter), [])
        last = shape.unfinished and place == len(lines) - 1
        flaw, raw = _judge(row, width, padded=shape.padded, cut=last and len(row) < least)
        least = min(least, len(row))
        flaws.append(flaw)
        raws.append(raw)
    none = pl.repeat(None, cells.height, dtype=pl.Utf8, eager=True)
    cells = cells.with_columns(
        flaw=none.clone().scatter(odd, pl.Series(flaws, dtype=pl.Utf8)) if odd else none,
        raw=none.clone().scatter(odd, pl.Series(raws, dtype=pl.Utf8)) if odd else none,
    )
    if odd:
        blanked = [
            pl.when(pl.col("flaw").is_null()).then(f"c{i}").otherwise(pl.lit("")).alias(f"c{i}")
            for i in range(width)
        ]
        cells = cells.with_columns(blanked)
    blank = int(empty.sum())
    kept = cells.filter(~empty) if blank else cells
    return Table(names, kept, blank)


def _judge(
    cells: list[str], width: int, *, padded: bool, cut: bool
) -> tuple[str | None, str | None]:
    beyond = any(c.strip() for c in cells[width:])
    if not beyond and not cut and (len(cells) >= width or padded):
        return None, None
    return width_flaw(len(cells), width, cut=cut), raw_text(cells)
