from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from services.matching.wording import WordIndex

_words = st.sampled_from(["acme", "acmee", "cmea", "acm", "ac", "tools", "tool", "otols", "x"])
_name = st.lists(_words, min_size=1, max_size=4).map(" ".join)


def _alike(a: str, b: str) -> bool:
    short = min(len(a), len(b))
    cut = short >= 3 and (a.startswith(b) or b.startswith(a))
    return a == b or cut or (short >= 4 and OSA.distance(a, b) <= 1)


@given(st.lists(_name, min_size=1, unique=True), st.lists(_name, min_size=1, unique=True))
def test_words_count_as_shared_exactly_when_they_are_alike(asked, known) -> None:
    left, right = (side.ravel() for side in np.indices((len(asked), len(known))))
    found = WordIndex(pl.Series(known), 100).compare(pl.Series(asked), left, right)
    for q, d, row in zip(left, right, found.iter_rows(named=True), strict=True):
        mine, theirs = set(asked[q].split()), set(known[d].split())
        whole = all(any(_alike(a, b) for b in theirs) for a in mine)
        none = not any(_alike(a, b) for b in theirs for a in mine)
        assert (row["cover_q"] == pytest.approx(1.0)) == whole == (row["lacks_q"] == 0)
        assert (row["cover_q"] == 0) == (row["cover_d"] == 0) == none


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    index = WordIndex(pl.Series(["acme tools", "coral tools", "amber tools"]), 3)
    both = index.compare(pl.Series(["acme", "tools"]), np.array([0, 1]), np.array([0, 0]))
    assert both["cover_d"][0] > both["cover_d"][1]
    assert both["lacks_d"][1] > both["lacks_d"][0]


def test_no_pairs_are_fine() -> None:
    nothing = np.array([], dtype=np.int64)
    assert WordIndex(pl.Series(["acme"]), 1).compare(pl.Series(["x"]), nothing, nothing).is_empty()
