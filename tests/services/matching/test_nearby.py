from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from services.matching.nearby import deletions, one_slip

WORDS = st.lists(st.text("abcß東.", min_size=1, max_size=6), min_size=1, max_size=12, unique=True)


@given(WORDS, WORDS)
def test_every_pair_one_slip_apart_is_found_and_no_other(left, right) -> None:
    found = one_slip(deletions(pl.Series(left)), deletions(pl.Series(right)))
    expected = {(a, b) for a in left for b in right if OSA.distance(a, b) == 1}
    assert set(found.rows()) == expected


def test_texts_that_are_empty_or_absurdly_long_are_left_out() -> None:
    texts = pl.Series(["", "a" * 500, "abc"])
    assert deletions(texts)["text"].unique().to_list() == ["abc"]
    assert deletions(pl.Series([], dtype=pl.Utf8)).height == 0
