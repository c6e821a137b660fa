"""Promises in the text of a mail: who says "I will check your metrics next week" has a task. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

DEFAULT_DAYS = 7
"""Where a promise names no day."""
MOST = 10
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "a couple of": 2, "a few": 3,
}  # fmt: skip
_UNITS = {"day": 1, "business day": 1, "working day": 1, "week": 7, "month": 30}
_COUNT = r"(\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_IN = re.compile(
    rf"(?i)\b(?:in|within|after)\s+(?:the next\s+)?{_COUNT}\s+(business day|working day|day|week|month)s?(?:['’] time)?\b"
)
_FROM_NOW = re.compile(rf"(?i)\b{_COUNT}\s+(day|week|month)s?\s+from (?:now|today)\b")
_NEXT = re.compile(r"(?i)\bnext (week|month)\b")
_WEEKDAY = re.compile(
    rf"(?i)\b(?:(?:on|by|until|before|this|next|coming)\s+)+({'|'.join(_DAYS)})\b"
)
_SOON = (
    (re.compile(r"(?i)\b(?:later today|today|tonight)\b"), 0),
    (re.compile(r"(?i)\btomorrow\b"), 1),
    (re.compile(r"(?i)\bthe day after tomorrow\b"), 2),
    (re.compile(r"(?i)\b(?:by|before) the end of (?:the|this) month\b"), 30),
    (re.compile(r"(?i)\b(?:this week|(?:by|before) the end of (?:the|this) week)\b"), None),
)
_DEED = (
    r"check|review|look|call|ring|send|share|follow up|monitor|report|verify|test|ask|raise|get back|come back"
    r"|keep|watch|arrange|set up|schedule|organi[sz]e|prepare|make sure|update|speak|talk|confirm|pass"
    r"|bring|write|let you know|reach out|touch base|go through|track|work with|join"
)
_WILL = re.compile(
    rf"(?i)\b(?:I|we)(?:['’]ll| will| am going to|['’]m going to| are going to|['’]re going to| shall)\s+"
    rf"(?:(?:also|personally|then|now|both|certainly|of course)\s+)*((?:{_DEED})\b[^.!?\n]*)"
)
_NOTED = re.compile(
    r"(?i)\b(?:I|we)(?:['’]ve| have)\s+(?:(?:also|already)\s+)*"
    r"(?:(?:added|made|set|put|left)\s+(?:myself\s+)?(?:a|the)\s+(?:\w+\s+)?(?:note|reminder|task)(?:\s+in my \w+)?|planned|promised)"
    r"\s+to\s+([^.!?\n]+)"
)
_ING = re.compile(
    r"(?i)\b(?:I|we)(?:['’]m| am|['’]re| are)\s+(?:also\s+)?(?:planning|scheduled)\s+to\s+([^.!?\n]+)"
)
_IF = re.compile(r"(?i)(?:^|[,;]\s*)(?:if|should you|whenever|once you|as soon as you|unless)\b")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?=\s|$)|\n|$)")
_TAIL = re.compile(
    r"(?i)[,\s]+(?:(?:so that|so|to make sure|to see (?:that|whether)|because|as|since)\s+(?:we|I|you|it|that|everything|nothing|there)\b.*"
    r"|to (?:make sure|stay|see|be sure)\b.*)$"
)


@dataclass(frozen=True)
class Promised:
    """`days` after sending. `what` is the deed alone: "check your API metrics"."""

    position: int
    sentence: str
    what: str
    days: int


def promised(text: str, on: date) -> tuple[Promised, ...]:
    """The promises of a mail, were it sent `on` that day, in the order of the text.

    Offers ("I'm happy to help"), questions and what hangs on a condition ("if it happens again, I will …")
    promise nothing.
    """
    found: list[Promised] = []
    for match in _SENTENCE.finditer(_own(text)):
        sentence = " ".join(match.group().split()).lstrip("-•* ")
        if sentence.endswith("?") or _IF.search(sentence):
            continue
        deed = next((hit for one in (_NOTED, _WILL, _ING) if (hit := one.search(sentence))), None)
        if deed is None:
            continue
        what = _deed(deed.group(1))
        if what:
            found.append(Promised(len(found), sentence, what, days_of(sentence, on)))
        if len(found) == MOST:
            break
    return tuple(found)


def days_of(sentence: str, on: date) -> int:
    """Days from `on` that a sentence names; DEFAULT_DAYS where it names none."""
    counted = _IN.search(sentence) or _FROM_NOW.search(sentence)
    if counted:
        said, unit = counted.group(1).lower(), counted.group(2).lower()
        many = int(said) if said.isdigit() else _NUMBERS[said]
        return _on_work_days(on, many) if " " in unit else many * _UNITS[unit]
    coming = _NEXT.search(sentence)
    if coming:
        return _UNITS[coming.group(1).lower()]
    named = _WEEKDAY.search(sentence)
    if named:
        away = (_DAYS.index(named.group(1).lower()) - on.weekday()) % 7
        return away or 7
    for pattern, days in reversed(_SOON):
        if pattern.search(sentence):
            return max(4 - on.weekday(), 0) if days is None else days
    return DEFAULT_DAYS


def _on_work_days(on: date, many: int) -> int:
    day = on
    left = many
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return (day - on).days


def _own(text: str) -> str:
    """Without the lines that quote."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def _deed(words: str) -> str:
    """The deed without its day and without its purpose."""
    cut = _TAIL.sub("", words)
    for pattern in (_IN, _FROM_NOW, _NEXT, _WEEKDAY, *(one for one, _ in _SOON)):
        cut = pattern.sub("", cut)
    return " ".join(cut.split()).strip(" ,;:-")[:300]
