"""How many: "3", "three", "twenty-five", "the top ten". Pure."""

from __future__ import annotations

import re

from services.errors import BadInput

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
"""Each at the place of its number."""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ROUND = {"dozen": 12, "a dozen": 12, "hundred": 100, "a hundred": 100, "one hundred": 100}
_SAID = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 10 * place for place, word in enumerate(_TENS, 2)},
    **{
        f"{tens} {_ONES[one]}": 10 * place + one
        for place, tens in enumerate(_TENS, 2)
        for one in range(1, 10)
    },
    **_ROUND,
}
_WORDS = "|".join(sorted(_SAID, key=len, reverse=True)).replace(" ", "[ -]")
NUMBER = rf"(?:-?\d{{1,12}}(?:\.\d+)?|{_WORDS})"
"""For patterns of what was typed, in lower case; also of numbers that are none of customers, to say so."""
USUAL = 3
_THOSE = r"(?: (?:customers?|candidates?|accounts?|clients?|ones?))?(?: of (?:them|these|those))?"
_TOP = tuple(
    re.compile(rf"(?:the |our |my )?{told}")
    for told in (
        rf"(?:top|best|first|next)(?: |-)(?P<count>{NUMBER}){_THOSE}",
        rf"(?P<count>{NUMBER}) (?:top|best){_THOSE}",
        r"(?:top|best|first)(?P<count>) (?:customers|candidates|accounts|clients|ones)",
    )
)
"""The top three, the 5 best customers, the best customers."""


def number(said: str) -> int | None:
    """Of digits or of words."""
    word = " ".join(said.casefold().replace("-", " ").split())
    if word.isascii() and word.isdecimal():
        return int(word[:12])
    return _SAID.get(word)


def count(said: str) -> int | None:
    """As `number`, of things that there can be so many of: BadInput for none, less than none and a part of one."""
    found = number(said) if said[:1] != "-" else None
    if said and not found and (said[0] == "-" or said[0].isdecimal() or found == 0):
        raise BadInput(
            f"“{said}” is no number of customers. Say a whole one from 1 on, such as “top 5”."
        )
    return found


def top(said: str) -> int | None:
    """How many the best of a list are meant by it: "the top three", "best 5 customers"; None for a name."""
    plain = " ".join(said.casefold().split())
    found = next(filter(None, (one.fullmatch(plain) for one in _TOP)), None)
    return (count(found["count"]) or USUAL) if found else None
