"""Pairs of texts one slip apart: a letter missing, added, wrong, or swapped with its neighbour (OSA distance 1)."""

from __future__ import annotations

import numpy as np
import polars as pl
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

_BASE = np.uint32(1_000_003)
_LONGEST = 80  # one absurd text would widen the matrix for all


def deletions(texts: pl.Series) -> pl.DataFrame:
    """Hashes of each text and of all it becomes by losing one letter: `text`, `mark` (UInt32).

    Two texts within OSA distance 1 share at least one mark; the reverse is checked by `one_slip`.
    """
    texts = texts.filter(texts.str.len_chars().is_between(1, _LONGEST))
    if texts.is_empty():
        return pl.DataFrame(schema={"text": pl.Utf8, "mark": pl.UInt32})
    letters = np.array(texts.to_list(), dtype=np.str_)
    width = max(letters.dtype.itemsize // 4, 1)
    codes = letters.view(np.uint32).reshape(len(letters), width)
    sizes = texts.str.len_chars().to_numpy().astype(np.int64)
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(width + 1, _BASE, np.uint32))
        terms = (codes + np.uint32(7)) * powers[:width]
        terms[np.arange(width) >= sizes[:, None]] = 0
        before = np.zeros((len(letters), width + 1), np.uint32)
        np.cumsum(terms, axis=1, out=before[:, 1:])
        shifted = np.zeros_like(terms)
        shifted[:, 1:] = (codes[:, 1:] + np.uint32(7)) * powers[: width - 1]
        shifted[np.arange(width) >= sizes[:, None]] = 0
        after = np.zeros_like(before)
        after[:, :width] = np.cumsum(shifted[:, ::-1], axis=1)[:, ::-1]
        losing = before[:, :width] + after[:, 1:]
    real = np.arange(width) < sizes[:, None]
    rows = np.concatenate([np.nonzero(real)[0], np.arange(len(letters))])
    marks = np.concatenate([losing[real], before[:, width]])
    table = pl.DataFrame({"row": rows.astype(np.uint32), "mark": marks})
    return table.select(texts.gather(table["row"]).alias("text"), "mark")


def one_slip(marks: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs (`text`, `near`) at OSA distance exactly 1, from the `deletions` of both sides."""
    pairs = marks.join(known.rename({"text": "near"}), on="mark").select("text", "near").unique()
    pairs = pairs.filter(pl.col("text") != pl.col("near"))
    return pairs.filter(slips(pairs["text"], pairs["near"]) == 1)


def slips(left: pl.Series, right: pl.Series) -> pl.Series:
    """OSA distance of each pair, 2 meaning 'two or more'."""
    if left.is_empty():
        return pl.Series(dtype=pl.Int32)
    found = cpdist(left.to_list(), right.to_list(), scorer=OSA.distance, score_cutoff=1)
    return pl.Series(found.astype(np.int32))
