"""How many: "3", "three", "the top ten". Pure."""

from __future__ import annotations

import re

WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
"""Each at the place of its number."""
NUMBER = rf"(?:\d{{1,6}}|{'|'.join(sorted(WORDS[1:], key=len, reverse=True))})"
"""For patterns of what was typed, in lower case."""
USUAL = 3
_THOSE = r"(?: (?:customers?|candidates?|accounts?|clients?|ones?))?(?: of (?:them|these|those))?"
_TOP = tuple(
    re.compile(rf"(?:the |our |my )?{told}")
    for told in (
        rf"(?:top|best|first|next)[ -](?P<count>{NUMBER}){_THOSE}",
        rf"(?P<count>{NUMBER}) (?:top|best){_THOSE}",
        r"(?:top|best|first)(?P<count>) (?:customers|candidates|accounts|clients|ones)",
    )
)
"""The top three, the 5 best customers, the best customers."""


def number(said: str) -> int | None:
    """Of digits or of a word."""
    word = said.strip().casefold()
    if word.isascii() and word.isdecimal():
        return int(word[:6])
    return WORDS.index(word) if word in WORDS else None


def top(said: str) -> int | None:
    """How many the best of a list are meant by it: "the top three", "best 5 customers"; None for a name."""
    plain = " ".join(said.casefold().split())
    found = next(filter(None, (one.fullmatch(plain) for one in _TOP)), None)
    if not found:
        return None
    count = number(found["count"])
    return USUAL if count is None else max(count, 1)
