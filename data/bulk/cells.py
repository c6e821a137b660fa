"""Rows as the cells of SQLite's b-trees, many at a time.

See https://www.sqlite.org/fileformat2.html, "B-tree Pages" and "Record Format".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

PIECE = 8_192
"""Rows worked on at a time, so that they stay in the processor's cache."""
LONGEST = 1_000
"""Bytes of a record that goes on no overflow page, in a table or an index with pages of 4096 bytes."""
_SIZES = ((1, 1), (2, 2), (3, 3), (4, 4), (6, 5), (8, 6))
"""Bytes of a whole number, and the type that says so."""
_REAL, _ZERO, _TEXT = 7, 8, 13
Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]


class Cells(NamedTuple):
    """Cell number i is `body[starts[i]:starts[i + 1]]`."""

    body: Bytes
    starts: Counts


class Part(NamedTuple):
    """Of each row the first `kept` bytes of its line in `lines`; all of them where `kept` is None."""

    lines: Bytes
    kept: Counts | None = None


class _Numbers(NamedTuple):
    """A column of numbers, 0 where not `said`, as `size` bytes that end a big-endian `wire` number."""

    values: npt.NDArray[np.number]
    said: npt.NDArray[np.bool_] | None
    kind: int
    size: int
    wire: str

    def piece(self, rows: slice) -> tuple[Part, Part]:
        """The types and the bytes of some rows; a null is a type of its own and has no bytes."""
        values = self.values[rows]
        kinds = np.full(len(values), self.kind, np.uint8)
        if not self.size:
            kinds += values.astype(np.uint8)
        lines = np.empty((len(values), 0), np.uint8)
        if self.size:
            whole = values.astype(self.wire).view(np.uint8).reshape(len(values), -1)
            lines = whole[:, whole.shape[1] - self.size :]
        if self.said is None:
            return Part(kinds[:, None]), Part(lines)
        said = self.said[rows]
        return Part((kinds * said)[:, None]), Part(lines, self.size * said.astype(np.int64))


class _Texts(NamedTuple):
    """Row i has `letters[starts[i]:starts[i + 1]]`; where not `said` it is null, whatever stands there."""

    letters: Bytes
    starts: Counts
    said: npt.NDArray[np.bool_]

    def piece(self, rows: slice) -> tuple[Part, Part]:
        """As of numbers."""
        starts = self.starts[rows.start : rows.stop + 1]
        sizes = np.diff(starts)
        lines = np.empty((len(sizes), int(sizes.max(initial=0))), np.uint8)
        lines[np.arange(lines.shape[1]) < sizes[:, None]] = self.letters[starts[0] : starts[-1]]
        said = self.said[rows]
        return varint((_TEXT + 2 * sizes) * said), Part(lines, sizes * said)


def spelled(columns: Sequence[pl.Series], rowids: pl.Series | None = None) -> Cells | None:
    """The cells of a leaf, row by row: of a table when `rowids` are given, else of an index.

    Columns are whole numbers, floats or texts, all of one length. None when a record may be too long.
    """
    longest = sum(9 + int(c.str.len_bytes().max() or 0) if _is_text(c) else 9 for c in columns)  # type: ignore[arg-type]
    if longest > LONGEST:
        return None
    held = [_texts(c) if _is_text(c) else _numbers(c) for c in columns]
    numbers = rowids.to_numpy() if rowids is not None else None
    height = len(columns[0])
    pieces = [
        _piece(held, numbers, slice(start, min(start + PIECE, height)))
        for start in range(0, height, PIECE)
    ]
    body = np.concatenate([np.empty(0, np.uint8), *(found[0] for found in pieces)])
    lengths = [np.zeros(1, np.int64), *(found[1] for found in pieces)]
    return Cells(body, np.cumsum(np.concatenate(lengths)))


def varint(numbers: Counts) -> Part:
    """Numbers from 0 to 2**56 in seven bits a byte, the highest first."""
    size = np.ones(len(numbers), np.int64)
    bound = 128
    while (more := numbers >= bound).any():
        size += more
        bound <<= 7
    widest = int(size.max(initial=1))
    if widest == 1:
        return Part(numbers.astype(np.uint8).reshape(-1, 1))
    left = size[:, None] - 1 - np.arange(widest)
    low = (numbers[:, None] >> (7 * np.maximum(left, 0))) & 127
    return Part((low | (128 * (left > 0))).astype(np.uint8), size)


def _piece(
    columns: list[_Numbers | _Texts], rowids: Counts | None, rows: slice
) -> tuple[Bytes, Counts]:
    """The cells of some rows one after the other, and the length of each."""
    kinds, values = zip(*(column.piece(rows) for column in columns), strict=True)
    head = 1 + _length(kinds)
    number = [varint(rowids[rows])] if rowids is not None else []
    parts = [varint(head + _length(values)), *number, varint(head), *kinds, *values]
    return _joined(parts), _length(parts)


def _length(parts: Sequence[Part]) -> Counts:
    total = np.zeros(len(parts[0].lines), np.int64)
    for part in parts:
        total += part.lines.shape[1] if part.kept is None else part.kept
    return total


def _joined(parts: list[Part]) -> Bytes:
    lines = np.concatenate([part.lines for part in parts], axis=1)
    kept = np.ones(lines.shape, bool)
    at = 0
    for part in parts:
        start, at = at, at + part.lines.shape[1]
        if part.kept is not None:
            np.less(np.arange(at - start), part.kept[:, None], out=kept[:, start:at])
    return lines[kept]


def _is_text(column: pl.Series) -> bool:
    return column.dtype == pl.String


def _numbers(column: pl.Series) -> _Numbers:
    if column.dtype.is_float():
        column = column.fill_nan(None).cast(pl.Float64)
        whole = column.round().cast(pl.Int64, strict=False)
        short = (whole == column) & (whole.abs() < 2**47)  # SQLite keeps those as whole numbers
        if not (short.fill_null(value=False) | column.is_null()).all():
            return _Numbers(*_said(column), _REAL, 8, ">f8")
        column = whole
    values, said = _said(column)
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    if low >= 0 and high <= 1:
        return _Numbers(values, said, _ZERO, 0, ">i8")
    reach = max(high, -low - 1)
    size, kind = next(way for way in _SIZES if reach < 1 << (8 * way[0] - 1))
    return _Numbers(values, said, kind, size, ">i4" if size <= 4 else ">i8")


def _said(column: pl.Series) -> tuple[npt.NDArray[np.number], npt.NDArray[np.bool_] | None]:
    if not column.null_count():
        return column.to_numpy(), None
    return column.fill_null(0).to_numpy(), column.is_not_null().to_numpy()


def _texts(column: pl.Series) -> _Texts:
    texts = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, letters = texts.buffers()
    starts = np.frombuffer(offsets, np.int64)[texts.offset :][: len(texts) + 1]
    body = np.frombuffer(letters, np.uint8) if letters else np.empty(0, np.uint8)
    return _Texts(body, starts, column.is_not_null().to_numpy())
