"""Days as people name them: "tomorrow", "in two weeks", "next Monday", "on 4 December at 3pm". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from dateutil.relativedelta import relativedelta
from rapidfuzz.distance import OSA

from services.ask.counting import number

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_BEFORE = {"on", "by", "until", "till", "due", "for", "from", "the", "this", "coming", "before"}
"""What may stand in front of a day and belongs to it."""
_EVERY = {"every", "each"}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_A = {"a": 1, "an": 1, "couple": 2, "few": 3}
_SHORT, _LONG = 6, 8
"""Letters from which on a name of a day may have one slip of the finger, or two."""
_TOKEN = re.compile(r"[^\W_]+(?:[./:'’-][^\W_]+)*", re.UNICODE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", re.ASCII)
_ORDINAL = re.compile(r"(\d{1,2})(st|nd|rd|th)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d))?(am|pm)?", re.ASCII)


@dataclass(frozen=True)
class Named:
    """`days`: one, both that "4/12" can mean, or none where there is no such day. `rest` is what was said
    without them; `repeats` where it was "every" such day."""

    days: tuple[date, ...]
    rest: str
    at: time | None = None
    repeats: bool = False


@dataclass(frozen=True)
class _Span:
    """Words `start` to `end`; `marked` where they can hardly be anything else than a day."""

    days: tuple[date, ...]
    start: int
    end: int
    marked: bool = True


Read = tuple[tuple[date, ...], int] | None
"""The days that the first words name, and how many words that are."""


def find_day(said: str, today: date) -> Named | None:
    """The day that is named: at the beginning, else the last; None where there is none."""
    tokens = list(_TOKEN.finditer(said))
    words = [token[0].lower() for token in tokens]
    spans = _spans(words, today)
    if not spans:
        return None
    sure = [one for one in spans if one.marked] or spans
    one = sure[0] if sure[0].start == 0 else sure[-1]
    at, start, end = _clock(words, one)
    repeats = bool(_EVERY & set(words[max(one.start - 1, 0) : one.start + 1]))
    rest = f"{said[: tokens[start].start()]} {said[tokens[end - 1].end() :]}"
    return Named(one.days, " ".join(rest.split()).strip(" ,;:.!?"), at, repeats)


def _spans(words: Sequence[str], today: date) -> list[_Span]:
    found: list[_Span] = []
    at = 0
    while at < len(words):
        read = next(filter(None, (reader(words[at:], today) for reader in _READERS)), None)
        if read is None:
            at += 1
            continue
        days, count = read
        start, least = at, found[-1].end if found else 0
        while start > least and words[start - 1] in _BEFORE:
            start -= 1
        if "before" in words[start:at]:
            days = tuple(max(one - timedelta(days=1), today) for one in days)
        bare = count == 1 and start == at and _weekday(words[at]) is not None
        if not (bare and len(words[at]) < _SHORT):  # "Sun" may be a company
            found.append(_Span(days, start, at + count, not bare))
        at += count
    return found


def _near(words: Sequence[str], today: date) -> Read:
    """today, tomorrow, the day after tomorrow."""
    if words[0] in ("today", "tonight"):
        return (today,), 1
    if list(words[:2]) == ["day", "after"] and len(words) > 2 and _is(words[2], "tomorrow"):
        return (today + timedelta(days=2),), 3
    return ((today + timedelta(days=1),), 1) if _is(words[0], "tomorrow") else None


def _away(words: Sequence[str], today: date) -> Read:
    """in 3 days, within a week, 2 months from now, next week."""
    if words[0] == "next" and len(words) > 1:
        found = _on(today, 1, words[1])
        return ((found,), 2) if found else None
    led = words[0] in ("in", "within")
    told = words[1:] if led else words
    count, used = _count(told)
    if count is None or len(told) <= used:
        return None
    found, end = _on(today, count, told[used]), used + 1
    if not led:
        if list(told[end : end + 2]) != ["from", "now"]:
            return None
        end += 2
    return ((found,), end + led) if found else None


def _count(words: Sequence[str]) -> tuple[int | None, int]:
    """A number, and how many words it takes: 3, three, a, a couple of."""
    if not words:
        return None, 0
    if words[0] == "a" and len(words) > 1 and words[1] in _A:
        return _A[words[1]], 3 if list(words[2:3]) == ["of"] else 2
    if words[0] in _A:
        return _A[words[0]], 1
    count = number(words[0])
    return (None if count is None or count > 9_999 else count), 1


def _on(today: date, count: int, unit: str) -> date | None:
    unit = unit.removesuffix("s")
    if unit == "month":
        return today + relativedelta(months=count)
    return today + timedelta(days=count * _DAYS[unit]) if unit in _DAYS else None


def _of_the_week(words: Sequence[str], today: date) -> Read:
    """Friday: the next to come. Next Friday: that of next week."""
    later = words[0] == "next" and len(words) > 1
    day = _weekday(words[1] if later else words[0])
    if day is None:
        return None
    if later:
        monday = today + timedelta(days=7 - today.weekday())
        return (monday + timedelta(days=day),), 2
    return (today + timedelta(days=(day - today.weekday() - 1) % 7 + 1),), 1


def _weekday(word: str) -> int | None:
    if word in ("mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun"):
        return next(n for n, name in enumerate(WEEKDAYS) if name.startswith(word[:3]))
    return next((n for n, name in enumerate(WEEKDAYS) if _is(word, name)), None)


def _dated(words: Sequence[str], today: date) -> Read:
    """4 December, December 4th 2027, 2026-12-04, 4.12., 4/12, the 4th."""
    for pattern, orders in ((_ISO, "ymd"), (_DOTTED, "dmy"), (_SLASHED, "dmy mdy")):
        if found := pattern.fullmatch(words[0]):
            told = [dict(zip(order, found.groups(), strict=True)) for order in orders.split()]
            days = [_day(int(t["d"]), int(t["m"]), t["y"], today) for t in told]
            return tuple(dict.fromkeys(one for one in days if one)), 1
    return _spelled(words, today)


def _spelled(words: Sequence[str], today: date) -> Read:
    """A month by its name, and a day beside it."""
    month, day = _month(words[0]), _ORDINAL.fullmatch(words[0])
    used = 1
    if day and len(words) > 1:
        used = 2 if words[1] != "of" else 3
        month = _month(words[used - 1]) if len(words) >= used else None
    elif month and len(words) > 1:
        day, used = _ORDINAL.fullmatch(words[1]), 2
    if not day:
        return None
    if not month:
        return (_of_a_month(int(day[1]), today), 1) if day[2] else None
    year = words[used] if len(words) > used and re.fullmatch(r"20\d\d", words[used]) else None
    found = _day(int(day[1]), month, year, today)
    return ((found,) if found else ()), used + bool(year)


def _of_a_month(day: int, today: date) -> tuple[date, ...]:
    """The 4th: of this month, or the first to come that has one."""
    firsts = (today.replace(day=1) + relativedelta(months=n) for n in range(3))
    days = (_day(day, first.month, str(first.year), today) for first in firsts)
    return tuple(one for one in days if one and one >= today)[:1]


def _month(word: str) -> int | None:
    if len(word) in (3, 4) and any(name.startswith(word) for name in MONTHS):
        return next(n for n, name in enumerate(MONTHS, 1) if name.startswith(word))
    return next((n for n, name in enumerate(MONTHS, 1) if _is(word, name)), None)


def _day(day: int, month: int, year: str | None, today: date) -> date | None:
    """Without a year the next one to come; None where there is no such day."""
    for wanted in (int(year),) if year else (today.year, today.year + 1):
        try:
            found = date(wanted, month, day)
        except ValueError:
            continue
        if year or found >= today:
            return found
    return None


def _is(word: str, name: str) -> bool:
    if word == name:
        return True
    allowed = 2 if len(name) >= _LONG else 1 if len(name) >= _SHORT else 0
    return word.isalpha() and word[0] == name[0] and OSA.distance(word, name) <= allowed


def _clock(words: Sequence[str], one: _Span) -> tuple[time | None, int, int]:
    """The hour beside the day, and where both begin and end."""
    at, used = _hour(words[one.end :])
    if at:
        return at, one.start, one.end + used
    for back in (3, 2, 1):  # at 3 pm tomorrow
        start = one.start - back
        if start >= 0:
            at, used = _hour(words[start : one.start])
            if at and used == back:
                return at, start, one.end
    return None, one.start, one.end


def _hour(words: Sequence[str]) -> tuple[time | None, int]:
    """At 3, 3pm, 15:30, and how many words. Of an hour of one to six without more the afternoon is meant."""
    led = list(words[:1]) == ["at"]
    told = words[led:]
    found = _CLOCK.fullmatch(told[0]) if told else None
    if not found:
        return None, 0
    apart = told[1] if len(told) > 1 and told[1] in ("am", "pm") else None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3] or apart
    if not (led or half or found[2]) or hour > 23 or minute > 59 or (half and not 0 < hour < 13):
        return None, 0
    if half:
        hour = hour % 12 + 12 * (half == "pm")
    elif 0 < hour < 7 and not found[2]:
        hour += 12
    return time(hour, minute), led + 1 + bool(apart)


_READERS: tuple[Callable[[Sequence[str], date], Read], ...] = (_near, _away, _of_the_week, _dated)
