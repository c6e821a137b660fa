from __future__ import annotations

import pytest

from bench import document
from bench.__main__ import DOCUMENT, PARTS

BEFORE = """# Benchmarks

How to read this.

## Upload

| a | b | s |
| --- | --- | --- |
| x | 1 | old |
| y | 1 | old |

Words.

## Pages

Quick.
"""


def test_a_section_measured_again_leaves_the_others_as_they_were():
    after = document.put(BEFORE, "Upload", "New figures.\n")
    assert document.body_of(after, "Upload") == "New figures."
    assert document.body_of(after, "Pages") == "Quick."
    assert after.startswith("# Benchmarks\n\nHow to read this.\n\n## Upload\n")


@pytest.mark.parametrize(
    ("title", "titles"),
    [
        ("Drafts", ["## Upload", "## Drafts", "## Pages"]),
        ("Verdicts", ["## Upload", "## Pages", "## Verdicts"]),
        ("Anything", ["## Upload", "## Pages", "## Anything"]),
    ],
)
def test_a_new_section_takes_its_place_in_the_order(title: str, titles: list[str]):
    after = document.put(BEFORE, title, "…", ("Upload", "Drafts", "Pages", "Verdicts"))
    assert [line for line in after.splitlines() if line.startswith("## ")] == titles


def test_rows_not_measured_now_stay_in_the_table():
    new = document.table(["a", "b", "s"], [["y", "1", "new"], ["y", "2", "new"]])
    rows = document.with_rows(BEFORE, new, 2).splitlines()[2:]
    assert rows == ["| x | 1 | old |", "| y | 1 | new |", "| y | 2 | new |"]


def test_a_table_of_another_heading_is_not_mixed_in():
    new = document.table(["a", "c"], [["y", "1"]])
    assert document.with_rows(BEFORE, new, 1) == new


def test_every_part_has_its_section_in_the_document_as_committed():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [title for title, _ in PARTS.values() if not document.body_of(text, title)] == []
