"""The day that a sentence names: in two days, on Friday, by 3 December. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

MOST_DAYS = 2 * 365
"""Further away than this is not meant as a day to do something on."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FRIDAY = 4
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "a couple of": 2, "a few": 3,
}  # fmt: skip
_UNITS = {"day": 1, "week": 7, "month": 30}
_HOURS = 24
_COUNT = r"(\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_AT = r"(?:(?:on|by|before|until|till|from|no later than)\s+)?(?:the\s+)?"
_YEAR = r"(?:,?\s+(\d{4}))?"
_WEEKDAY_NAMES = "|".join(_DAYS)

_IN = re.compile(
    rf"(?i)\b(?:in|within|after)\s+(?:the next\s+)?{_COUNT}\s+(business day|working day|hour|day|week|month)(?:['’]s|s['’]?)?(?: time)?\b"
)
_FROM_NOW = re.compile(rf"(?i)\b{_COUNT}\s+(hour|day|week|month)s?\s+from (?:now|today)\b")
_DAY_MONTH = re.compile(rf"(?i)\b{_AT}(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b{_YEAR}")
_MONTH_DAY = re.compile(rf"(?i)\b{_AT}{_MONTH}\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR}")
_ISO = re.compile(rf"(?i)\b{_AT}(\d{{4}})-(\d\d)-(\d\d)\b")
_DOTTED = re.compile(rf"(?i)\b{_AT}(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})?(?!\d)")
_SLASHED = re.compile(rf"(?i)\b{_AT}(\d{{1,2}})/(\d{{1,2}})(?:/(\d{{4}}))?\b(?!/)")
_OF_MONTH = re.compile(r"(?i)\b(?:on|by|before|until) the (\d{1,2})(?:st|nd|rd|th)\b")
_AFTER_NEXT = re.compile(r"(?i)\bthe (week|month) after next\b")
_NEXT = re.compile(r"(?i)\b((?:(?:by|at|before)\s+)?(?:the\s+)?end of )?next (week|month)\b")
_WEEKDAY = re.compile(rf"(?i)\b(?:(?:on|by|until|before|this|next|coming)\s+)+({_WEEKDAY_NAMES})\b")
_ANY_WEEKDAY = re.compile(rf"(?i)\b(?:on\s+)?({_WEEKDAY_NAMES})\b")


def _to_friday(on: date) -> int:
    return max(_FRIDAY - on.weekday(), 0)


def _to_end_of_month(on: date) -> int:
    return monthrange(on.year, on.month)[1] - on.day


def _in(days: int) -> Callable[[date], int]:
    return lambda _on: days


_BY_END = r"(?i)\b(?:by|before|at|until) (?:the )?end of (?:the|this) "
_SOON: tuple[tuple[re.Pattern[str], Callable[[date], int]], ...] = (
    (re.compile(rf"{_BY_END}month\b"), _to_end_of_month),
    (re.compile(rf"(?i)\bthis week\b|{_BY_END[4:]}week\b"), _to_friday),
    (re.compile(r"(?i)\bthe day after tomorrow\b"), _in(2)),
    (re.compile(r"(?i)\btomorrow\b(?: (?:morning|afternoon|evening|noon)\b)?"), _in(1)),
    (
        re.compile(
            r"(?i)\b(?:later today|today|tonight|this (?:morning|afternoon|evening)|by noon"
            r"|(?:(?:by|before|at|until) )?(?:the )?end of (?:the |my )?(?:business )?day"
            r"|(?:by )?(?:eod|cob|close of business|close of play))\b"
        ),
        _in(0),
    ),
)
_PAST = re.compile(
    r"(?i)\b(?:last|past|previous)(?: \w+)? (?:hour|day|week|month|quarter|year)s?\b|\b\w+ (?:hour|day|week|month|year)s? ago\b"
)
_NAMED = re.compile(
    r"(?i)\b(?:hours?|minutes?|days?|weeks?|weekends?|fortnight|months?|quarters?|years?|mornings?|afternoons?"
    rf"|evenings?|tonight|tomorrow|noon|midnight|(?:{_WEEKDAY_NAMES})s?|(?:mon|tues?|wed|thu(?:rs)?|fri)\.?"
    r"|in (?:march|may)|january|february|april|june|july|august|september|october|november|december|dec\.?|nov\.?"
    r"|christmas|easter|holidays|spring|summer|autumn|winter|q[1-4]"
    r"|\d{1,2}[/.-]\d{1,2}|\d{1,2}(?::\d\d)? ?(?:am|pm|a\.m|p\.m)|\d{1,2}:\d\d|\d{4}-\d\d-\d\d"
    r"|\d{1,2}(?:st|nd|rd|th))\b"
)
_AGAIN = re.compile(
    rf"(?i)\b(?:every|each)\s+(?:\w+\s+)?(?:hour|day|week|month|quarter|morning|{_WEEKDAY_NAMES})\b"
)


def days_named(sentence: str, on: date) -> int | None:
    """Days from `on` to the day that is named; None where none is, or where it cannot be read."""
    if _AGAIN.search(sentence):
        return None
    found = next((days for days in _readings(sentence, on) if days is not None), None)
    return found if found is not None and 0 <= found <= MOST_DAYS else None


def names_a_time(sentence: str) -> bool:
    """Whether something in it sounds like a time, whether or not `days_named` can read it."""
    return bool(_NAMED.search(_PAST.sub(" ", sentence)))


def without_days(words: str) -> str:
    """The words without the days they name."""
    for pattern in (
        _IN, _FROM_NOW, _DAY_MONTH, _MONTH_DAY, _ISO, _DOTTED, _SLASHED, _OF_MONTH, _AFTER_NEXT,
        _NEXT, _WEEKDAY, *(one for one, _ in _SOON),
    ):  # fmt: skip
        words = pattern.sub("", words)
    return words


def _readings(sentence: str, on: date) -> Iterator[int | None]:
    """The surest first."""
    yield from _dates(sentence, on)
    counted = _IN.search(sentence) or _FROM_NOW.search(sentence)
    yield _counted(counted.group(1).lower(), counted.group(2).lower(), on) if counted else None
    far = _AFTER_NEXT.search(sentence)
    yield 2 * _UNITS[far.group(1).lower()] if far else None
    coming = _NEXT.search(sentence)
    yield _next(sentence, coming, on) if coming else None
    named = _WEEKDAY.search(sentence)
    yield ((_DAYS.index(named.group(1).lower()) - on.weekday()) % 7 or 7) if named else None
    yield from (days(on) for pattern, days in _SOON if pattern.search(sentence))


def _counted(said: str, unit: str, on: date) -> int:
    many = int(said) if said.isdigit() else _NUMBERS[said]
    if unit == "hour":
        return many // _HOURS
    return _on_work_days(on, many) if " " in unit else many * _UNITS[unit]


def _next(sentence: str, coming: re.Match[str], on: date) -> int:
    unit = coming.group(2).lower()
    if unit == "month":
        return _UNITS[unit]
    named = _ANY_WEEKDAY.search(sentence)
    if named:
        return 7 - on.weekday() + _DAYS.index(named.group(1).lower())
    return 7 - on.weekday() + _FRIDAY if coming.group(1) else 7


def _dates(sentence: str, on: date) -> Iterator[int | None]:
    for pattern, places in (
        (_DAY_MONTH, (1, 2, 3)), (_MONTH_DAY, (2, 1, 3)), (_ISO, (3, 2, 1)), (_DOTTED, (1, 2, 3)),
    ):  # fmt: skip
        found = pattern.search(sentence)
        if found:
            day, month, year = (found.group(place) for place in places)
            yield _until(int(day), _month(month), int(year) if year else None, on)
    slashed = _SLASHED.search(sentence)
    if slashed:
        one, other = int(slashed.group(1)), int(slashed.group(2))
        year = int(slashed.group(3)) if slashed.group(3) else None
        # One reads 12/5 as December, the other as May: only what can be one of them is read.
        ways = {_until(*way, year, on) for way in ((one, other), (other, one))} - {None}
        yield ways.pop() if len(ways) == 1 else None
    alone = _OF_MONTH.search(sentence)
    if alone:
        this = _until(int(alone.group(1)), on.month, on.year, on)
        later = on.replace(day=1) + timedelta(days=32) if on.year < date.max.year else on
        yield _until(int(alone.group(1)), later.month, later.year, on) if this is None else this


def _month(said: str) -> int:
    return int(said) if said.isdigit() else _MONTHS.index(said[:3].lower()) + 1


def _until(day: int, month: int, year: int | None, on: date) -> int | None:
    """Days until then; None where it is over, or there is no such day. Without a year: the next such."""
    for one in (year,) if year else (on.year, on.year + 1):
        try:
            away = (date(one, month, day) - on).days
        except ValueError:
            continue
        if away >= 0:
            return away
    return None


def _on_work_days(on: date, many: int) -> int:
    day = on
    left = many
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < _FRIDAY + 1
    return (day - on).days
