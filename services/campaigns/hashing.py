"""Texts as 63-bit numbers that stay the same for ever: they are stored."""

from __future__ import annotations

from hashlib import blake2b

import polars as pl


def hashed(texts: pl.Series) -> pl.Series:
    """Each text's number (Int64, not negative); null for null."""
    distinct = texts.drop_nulls().unique()
    if len(distinct) * 2 > len(texts):
        return pl.Series(texts.name, [_number(one) for one in texts.to_list()], pl.Int64)
    numbers = pl.Series([_number(one) for one in distinct.to_list()], dtype=pl.Int64)
    return texts.replace_strict(distinct, numbers, default=None, return_dtype=pl.Int64)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
