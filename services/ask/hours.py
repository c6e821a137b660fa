"""Hours as people name them: "at 3pm", "15:30", "noon", "in the morning", "in two hours". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from services.ask.counting import number

_CLOCK = re.compile(r"(\d{1,2})(?:[:.h](\d\d))?(am|pm|a\.m|p\.m|h|uhr)?", re.ASCII)
_HALVES = ("am", "pm", "a.m", "p.m")
_LED = ("at", "around", "by", "before", "from")
"""What an hour can stand behind."""
_BEHIND = (
    "to",
    "that",
    "and",
    "for",
    "please",
    "about",
    "on",
    "today",
    "tonight",
    "tomorrow",
    "in",
)
"""What can go on behind "at 3" for it to be an hour: "look at 3 offers" names none."""
_PARTS = {
    "morning": time(9), "noon": time(12), "midday": time(12), "lunchtime": time(12), "lunch": time(12),
    "afternoon": time(15), "evening": time(18), "night": time(20),
}  # fmt: skip
_LEDS = ((["later", "this"], True), (["this"], True), (["in", "the"], False))
_NOON = ("noon", "midday", "lunchtime", "lunch")
_PHRASES: tuple[tuple[Sequence[str], time, bool], ...] = (
    *(
        (said.split(), time(17), True)
        for said in ("end of day", "end of the day", "eod", "cob", "close of business")
    ),
    (["tonight"], time(20), True),
    (["first", "thing", "in", "the", "morning"], time(9), False),
    (["first", "thing"], time(9), False),
    *(([*led, part], hour, today) for part, hour in _PARTS.items() for led, today in _LEDS),
)
"""With whether they say the day as well: today."""
_UNITS = {
    "minute": timedelta(minutes=1), "min": timedelta(minutes=1), "hour": timedelta(hours=1),
    "hr": timedelta(hours=1), "h": timedelta(hours=1),
}  # fmt: skip
_MOST = 10_000
_NOON_HOUR = 12


@dataclass(frozen=True)
class Hour:
    """Words `start` to `end`. `at`: of the day that is named beside it; `after`: from now on. `today`: it says the day
    itself, as "tonight" does; `clock`: it was said in numbers."""

    start: int
    end: int
    at: time | None = None
    after: timedelta | None = None
    today: bool = False
    clock: bool = False


def find_hour(words: Sequence[str], beside: tuple[int, int] | None = None) -> Hour | None:
    """The hour that is named next to the words `beside`, which name the day; else the one that can hardly be
    anything else, wherever it stands."""
    if beside is not None:
        start, end = beside
        if found := _read(words, end, sure=False):
            return found
        for back in range(min(start, 6), 0, -1):  # at 3 pm tomorrow
            found = _read(words, start - back, sure=False)
            if found and found.end == start:
                return found
    for at in range(len(words)):
        if beside and beside[0] <= at < beside[1]:
            continue
        if found := _read(words, at, sure=True):
            return found
    return None


def _read(words: Sequence[str], at: int, *, sure: bool) -> Hour | None:
    """What begins with that word. `sure`: only what stands for an hour by itself."""
    if found := _away(words, at):
        return found
    for one, other in ((_part, _clock), (_clock, _part)):
        if found := one(words, at, sure=sure):
            more = other(words, found.end, sure=False)
            return _both(found, more) if more else found
    return None


def _both(first: Hour, second: Hour) -> Hour:
    """At 8 tonight, this evening at 7: the clock's hour, in the half of the day that the other says."""
    clock, part = (first, second) if first.clock else (second, first)
    assert clock.at
    assert part.at
    later = part.at.hour >= _NOON_HOUR
    at = clock.at.replace(hour=clock.at.hour % 12 + 12 * later)
    return Hour(first.start, second.end, at, today=part.today)


def _away(words: Sequence[str], at: int) -> Hour | None:
    """In 2 hours, in half an hour, 30 minutes from now."""
    led = words[at : at + 1] and words[at] in ("in", "within")
    told = list(words[at + bool(led) : at + 6])
    if told[:2] in (["half", "an"], ["half", "a"]) and told[2:3] == ["hour"]:
        count, used, unit = 30, 2, "minute"
    else:
        count = {"a": 1, "an": 1, "the": 1}.get(told[0]) if told else None
        count = number(told[0]) if told and count is None else count
        used, unit = 1, (told[1] if len(told) > 1 else "")
    unit = unit if unit in _UNITS else unit.removesuffix("s")
    if count is None or count > _MOST or unit not in _UNITS:
        return None
    end = used + 1
    if not led:
        if told[end : end + 2] != ["from", "now"]:
            return None
        end += 2
    return Hour(at, at + bool(led) + end, after=count * _UNITS[unit])


def _part(words: Sequence[str], at: int, *, sure: bool) -> Hour | None:
    """In the morning, this afternoon, at noon, end of day; beside a day also "morning" alone."""
    led = 1 if words[at : at + 1] and words[at] in _LED else 0
    for phrase, hour, today in _PHRASES:
        if list(words[at + led : at + led + len(phrase)]) == list(phrase):
            return Hour(at, at + led + len(phrase), hour, today=today)
    word = words[at + led] if at + led < len(words) else ""
    if word in _PARTS and (not sure or (led and word in _NOON)):
        return Hour(at, at + led + 1, _PARTS[word])
    return None


def _clock(words: Sequence[str], at: int, *, sure: bool) -> Hour | None:
    """At 3, 3pm, 15:30. Of an hour of one to six without more the afternoon is meant."""
    led = bool(words[at : at + 1]) and words[at] in _LED
    told = words[at + led : at + led + 3]
    found = _CLOCK.fullmatch(told[0]) if told else None
    if not found:
        return None
    apart = told[1] if len(told) > 1 and told[1] in _HALVES else None
    o_clock = len(told) > 1 and told[1] in ("o'clock", "o’clock", "oclock")
    half = (found[3] if found[3] in _HALVES else None) or apart
    clear = bool(half or found[2] or found[3] or o_clock)
    end = at + led + 1 + bool(apart) + o_clock
    value = _time(int(found[1]), int(found[2] or 0), half, clear=bool(half or found[2] or found[3]))
    if value is None or not (clear or (led and words[at] == "at")):
        return None
    if sure and not _stands(words, at, end, led=led, clear=clear):
        return None
    return Hour(at, end, value, clock=True)


def _stands(words: Sequence[str], at: int, end: int, *, led: bool, clear: bool) -> bool:
    """Whether it says when, rather than what: "the 3pm call" and "look at 3 offers" do not."""
    over = end == len(words)
    if clear:
        return led or at == 0 or over
    return over or words[end] in _BEHIND


def _time(hour: int, minute: int, half: str | None, *, clear: bool) -> time | None:
    if hour > 23 or minute > 59 or (half and not 0 < hour < 13):
        return None
    if half:
        hour = hour % 12 + 12 * half.startswith("p")
    elif 0 < hour < 7 and not clear:
        hour += 12
    return time(hour, minute)
