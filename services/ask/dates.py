"""Days as people name them: "tomorrow", "in two weeks", "next Monday", "on 4 December at 3pm". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from dateutil.relativedelta import relativedelta
from rapidfuzz.distance import OSA

from services.ask.counting import number
from services.ask.hours import find_hour

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_BEFORE = {
    "on", "by", "until", "till", "due", "for", "from", "the", "this", "coming", "before", "later", "sometime",
    "early", "late", "around",
}  # fmt: skip
"""What may stand in front of a day and belongs to it."""
_EVERY = {"every", "each"}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FRIDAY, _SATURDAY = 4, 5
_A = {"a": 1, "an": 1, "couple": 2, "few": 3}
_SHORT, _LONG = 6, 8
"""Letters from which on a name of a day may have one slip of the finger, or two."""
_TOKEN = re.compile(r"[^\W_]+(?:[./:'’-][^\W_]+)*", re.UNICODE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", re.ASCII)
_ORDINAL = re.compile(r"(\d{1,2})(st|nd|rd|th)?", re.ASCII)
_BEHIND = re.compile(r"[.,;:]*")


@dataclass(frozen=True)
class Named:
    """`days`: one, both that "4/12" can mean, or none where there is no such day. `rest` is what was said
    without them; `repeats` where it was "every" such day. Where an hour alone was said, `days` is today: `next_day`
    if it may be tomorrow's; `after`: in so much time from now."""

    days: tuple[date, ...]
    rest: str
    at: time | None = None
    repeats: bool = False
    next_day: bool = False
    after: timedelta | None = None


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
    """The day that is named: at the beginning, else the last; else the hour, of today; None where there is neither."""
    tokens = list(_TOKEN.finditer(said))
    words = [token[0].lower() for token in tokens]
    spans = _spans(words, today)
    if not spans:
        return _today(said, tokens, words, today)
    sure = [one for one in spans if one.marked] or spans
    one = sure[0] if sure[0].start == 0 else sure[-1]
    hour = find_hour(words, (one.start, one.end))
    hour = hour if hour and hour.at else None
    repeats = bool(_EVERY & set(words[max(one.start - 1, 0) : one.start + 1]))
    rest = _without(
        said, tokens, [(one.start, one.end), *([(hour.start, hour.end)] if hour else [])]
    )
    return Named(one.days, rest, hour.at if hour else None, repeats)


def _today(
    said: str, tokens: Sequence[re.Match[str]], words: Sequence[str], today: date
) -> Named | None:
    hour = find_hour(words)
    if hour is None:
        return None
    rest = _without(said, tokens, [(hour.start, hour.end)])
    return Named((today,), rest, hour.at, next_day=not hour.today, after=hour.after)


def _without(said: str, tokens: Sequence[re.Match[str]], spans: Sequence[tuple[int, int]]) -> str:
    kept, at = [], 0
    for start, end in sorted(spans):
        kept.append(said[at : tokens[start].start()])
        behind = _BEHIND.match(said, tokens[end - 1].end())
        at = behind.end() if behind else tokens[end - 1].end()
    rest = " ".join([*kept, said[at:]])
    return " ".join(rest.split()).strip(" ,;:.!?")


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
    if words[0] == "today":
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
    two = number(" ".join(words[:2])) if len(words) > 1 else None
    count = number(words[0]) if two is None else two
    return (None if count is None or count > 9_999 else count), 1 if two is None else 2


def _on(today: date, count: int, unit: str) -> date | None:
    unit = unit.removesuffix("s")
    if unit in _MONTHS:
        return today + relativedelta(months=min(count * _MONTHS[unit], 9_999))
    return today + timedelta(days=count * _DAYS[unit]) if unit in _DAYS else None


def _end(words: Sequence[str], today: date) -> Read:
    """End of week, this month, the weekend."""
    later, plain = 0, list(words[:5])
    if plain[:2] == ["end", "of"]:
        told = [word for word in plain[2:4] if word not in ("the", "this")]
        used = 3 + (plain[2:3] in (["the"], ["this"], ["next"]))
        later, told = (1, told[1:]) if told[:1] == ["next"] else (0, told)
        unit = told[0] if told else ""
    elif plain[1:3] == ["the", "weekend"] and plain[0] in ("at", "over", "on"):
        used, unit = 3, "weekend"
    elif plain[:1] == ["this"] and plain[1:2] in (["week"], ["month"]):
        used, unit = 2, plain[1]
    else:
        used, unit = 1, {"eow": "week", "eom": "month", "weekend": "weekend"}.get(plain[0], "")
    if unit == "month":
        last = today.replace(day=1) + relativedelta(months=later + 1) - timedelta(days=1)
        return (last,), used
    if unit in ("week", "weekend"):
        day = _FRIDAY if unit == "week" else _SATURDAY
        return (today + timedelta(days=(day - today.weekday()) % 7 + 7 * later),), used
    return None


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


_READERS: tuple[Callable[[Sequence[str], date], Read], ...] = (
    _near,
    _away,
    _end,
    _of_the_week,
    _dated,
)
