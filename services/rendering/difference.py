"""What changed between two texts, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_LINES = 2000


@dataclass(frozen=True)
class DiffLine:
    """A line of either text."""

    kind: Literal["same", "added", "removed"]
    text: str


def difference(before: str, after: str) -> list[DiffLine]:
    """The lines of both texts in reading order; what went stands before what came.

    Beyond 2,000 lines nothing is compared: all of one went, all of the other came.
    """
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return [*_lines("removed", old), *_lines("added", new)]
    found: list[DiffLine] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += _lines("same", old[a:b])
        else:
            found += [*_lines("removed", old[a:b]), *_lines("added", new[c:d])]
    return found


def _lines(kind: Literal["same", "added", "removed"], texts: list[str]) -> list[DiffLine]:
    return [DiffLine(kind, text) for text in texts]
