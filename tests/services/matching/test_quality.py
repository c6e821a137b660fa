"""The targets, on a small generated upload whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from bench.matching_quality import judged, load_book, load_people, measure
from services.matching.cascade import match

HERE = Path(__file__).parent / "data" / "small"


def test_generated_attendance_is_matched_as_well_as_promised() -> None:
    figures = measure(judged(HERE))
    assert figures["rows"] == 3000
    assert figures["precision"] >= 0.998
    assert figures["recall"] >= 0.98
    assert figures["review"] <= 0.03
    assert figures["leak"] <= 0.001
    assert figures["person_precision"] >= 0.998


def test_measure_counts_what_is_wrong() -> None:
    rows = judged(HERE)
    wrong = rows.with_columns(pl.col("true_customer") + 1)
    assert measure(wrong)["precision"] == 0
    outsiders = rows.with_columns(true_customer=pl.lit(None, pl.Int64))
    assert measure(outsiders)["leak"] > 0.9


def test_answering_the_most_asked_domain_settles_all_its_rows() -> None:
    book, people = load_book(HERE), load_people(HERE)
    before = match(people, book)
    asked = before.filter(pl.col("question_kind") == "domain")
    key = asked["question_key"].value_counts(sort=True)["question_key"][0]
    answer = pl.DataFrame(
        {"kind": ["domain"], "key": [key], "customer_id": [1], "verdict": ["is"]},
    )
    after = match(people, replace(book, answers=answer))
    settled = after.filter(before["question_key"] == key)
    assert settled["customer_id"].unique().to_list() == [1]
    others = before["question_key"].is_null() | (before["question_key"] != key)
    assert after.filter(others).equals(before.filter(others))
