"""Rows as the cells of SQLite's b-trees, many at a time.

See https://www.sqlite.org/fileformat2.html, "B-tree Pages" and "Record Format".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

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

    def kinds(self, rows: slice) -> list[Part]:
        """The types of some rows' values; null is a type of its own and has no bytes."""
        values = self.values[rows]
        kinds = np.full(len(values), self.kind, np.uint8)
        if not self.size:
            kinds += values.astype(np.uint8)
        return [Part((kinds if self.said is None else kinds * self.said[rows])[:, None])]

    def bytes(self, rows: slice) -> Part:
        values = self.values[rows]
        lines = np.empty((len(values), 0), np.uint8)
        if self.size:
            whole = values.astype(self.wire).view(np.uint8).reshape(len(values), -1)
            lines = whole[:, whole.shape[1] - self.size :]
        if self.said is None:
            return Part(lines)
        return Part(lines, self.size * self.said[rows].astype(np.int64))


class _Texts(NamedTuple):
    """Columns of text beside each other: all their letters, row by row, and the bytes of each column.

    Where a column is not `said` it is null, and has no letters.
    """

    letters: pa.Array
    columns: list[tuple[Counts, npt.NDArray[np.bool_]]]
    """`sizes` and `said` of each."""

    def kinds(self, rows: slice) -> list[Part]:
        """As of numbers."""
        return [varint((_TEXT + 2 * sizes[rows]) * said[rows]) for sizes, said in self.columns]

    def sizes(self, rows: slice) -> Counts:
        return np.sum([sizes[rows] for sizes, _ in self.columns], axis=0)


def spelled(columns: Sequence[pl.Series], rowids: pl.Series | None = None) -> Cells | None:
    """The cells of a leaf, row by row: of a table when `rowids` are given, else of an index.

    Columns are whole numbers, floats or texts, all of one length. None when a record may be too long.
    """
    longest = sum(9 + int(c.str.len_bytes().max() or 0) if _is_text(c) else 9 for c in columns)  # type: ignore[arg-type]
    if longest > LONGEST:
        return None
    held = _held(columns)
    numbers = rowids.to_numpy() if rowids is not None else None
    height = len(columns[0])
    strands = [_Strand() for _ in range(1 + sum(isinstance(part, _Texts) for part in held))]
    for start in range(0, height, PIECE):
        piece = _piece(held, numbers, slice(start, min(start + PIECE, height)))
        for strand, parts in zip(strands, piece, strict=True):
            strand.add(parts)
    return _braided(strands, [part.letters for part in held if isinstance(part, _Texts)])


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


class _Strand:
    """What stands in each row's cell before, between or after its texts."""

    def __init__(self) -> None:
        self._body = bytearray()
        self._lengths = [np.zeros(1, np.int64)]

    def add(self, parts: list[Part]) -> None:
        """The next rows; these parts of each, one after the other."""
        self._body += _joined(parts).data
        self._lengths.append(_length(parts))

    def cells(self) -> Cells:
        starts = np.cumsum(np.concatenate(self._lengths))
        return Cells(np.frombuffer(self._body, np.uint8), starts)


def _piece(held: list[_Numbers | _Texts], rowids: Counts | None, rows: slice) -> list[list[Part]]:
    """The strands of some rows' cells."""
    kinds = [part for column in held for part in column.kinds(rows)]
    head = 1 + _length(kinds)
    total = head
    nothing = Part(np.empty((len(head), 0), np.uint8))
    strands: list[list[Part]] = [[]]
    for column in held:
        if isinstance(column, _Texts):
            total = total + column.sizes(rows)
            strands.append([nothing])
        else:
            strands[-1].append(column.bytes(rows))
            total = total + _length(strands[-1][-1:])
    number = [varint(rowids[rows])] if rowids is not None else []
    strands[0][:0] = [varint(total), *number, varint(head), *kinds]
    return strands


def _braided(strands: list[_Strand], texts: list[pa.Array]) -> Cells:
    """Row by row a strand, a text, a strand and so on."""
    first, *others = [strand.cells() for strand in strands]
    if not texts:
        return first
    mixed = [_binary(first)]
    for letters, strand in zip(texts, others, strict=True):
        mixed += [letters] if len(strand.body) == 0 else [letters, _binary(strand)]
    nothing = pa.scalar(b"", pa.large_binary())
    joined = pc.binary_join_element_wise(*mixed, nothing)  # type: ignore[attr-defined]
    _, offsets, body = joined.buffers()
    starts = np.frombuffer(offsets, np.int64)[joined.offset :][: len(joined) + 1]
    return Cells(np.frombuffer(body, np.uint8), starts)


def _binary(cells: Cells) -> pa.Array:
    buffers = [None, pa.py_buffer(cells.starts), pa.py_buffer(cells.body)]
    return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(cells.starts) - 1, buffers)


def _length(parts: Sequence[Part]) -> Counts:
    """Of each row, in all the parts; there is one at least."""
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


def _held(columns: Sequence[pl.Series]) -> list[_Numbers | _Texts]:
    """Each number for itself, texts beside each other together."""
    held: list[_Numbers | _Texts] = []
    for of_text, found in groupby(columns, key=_is_text):
        run = list(found)
        held += [_texts(run)] if of_text else [_numbers(column) for column in run]
    return held


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


def _texts(columns: Sequence[pl.Series]) -> _Texts:
    found = [(c.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy(), c) for c in columns]
    empty = [c.fill_null("").alias(str(place)) for place, c in enumerate(columns)]
    joined = pl.DataFrame(empty).select(pl.concat_str(pl.all()).cast(pl.Binary)).to_series()
    letters = joined.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return _Texts(letters, [(sizes, c.is_not_null().to_numpy()) for sizes, c in found])
