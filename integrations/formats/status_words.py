"""Words in a column of statuses that are not known: which they are, and what somebody said they mean."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from integrations.formats import values
from integrations.formats.statuses import folded

Word = tuple[str, int, str | None]
"""As most rows write it, how many rows say it, and what it was said to mean."""
_MOST = 20
_LONGEST = 100
"""Letters: what is longer is no word, and takes the place of those that are."""
_LOOKED_AT = 1_000


def answered(words: pl.Series, answers: Mapping[str, str]) -> pl.Series:
    """What each word was said to mean; null where nobody has."""
    return values.by_distinct(words, lambda word: answers.get(folded(word)) or None, pl.Utf8)


def asked(words: pl.Series, answers: Mapping[str, str]) -> tuple[Word, ...]:
    """The words, each once however it is spelled: those nobody has answered first, and the most frequent of them."""
    counted = words.cast(pl.Utf8).alias("word").to_frame().group_by("word").len("n")
    counted = counted.filter(pl.col("word").str.len_chars() <= _LONGEST)
    counted = counted.sort("n", "word", descending=[True, False]).head(_LOOKED_AT)
    shown: dict[str, str] = {}
    rows: dict[str, int] = {}
    for word, n in counted.iter_rows():
        key = folded(word)
        shown.setdefault(key, word)
        rows[key] = rows.get(key, 0) + n
    most = sorted(shown, key=lambda key: (bool(answers.get(key)), -rows[key]))[:_MOST]
    return tuple((shown[key], rows[key], answers.get(key) or None) for key in most)
