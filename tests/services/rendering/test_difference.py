"""What changed, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.rendering.difference import MOST_LINES, difference

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


@given(LINES, LINES)
def test_both_texts_can_be_read_from_the_difference(before: str, after: str):
    lines = difference(before, after)
    assert [line.text for line in lines if line.kind != "added"] == before.splitlines()
    assert [line.text for line in lines if line.kind != "removed"] == after.splitlines()


@given(LINES)
def test_nothing_changed_between_a_text_and_itself(text: str):
    assert {line.kind for line in difference(text, text)} <= {"same"}


def test_a_changed_line_goes_before_its_successor_comes():
    shown = [(line.kind, line.text) for line in difference("a\nb\nc", "a\nx\nc")]
    assert shown == [("same", "a"), ("removed", "b"), ("added", "x"), ("same", "c")]


def test_a_huge_text_is_not_compared():
    huge = "\n".join("ab" * (MOST_LINES // 2 + 1))
    kinds = {line.kind for line in difference(huge, huge)}
    assert kinds == {"removed", "added"}
