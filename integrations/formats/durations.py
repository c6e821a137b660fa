"""Lengths of time as people, spreadsheets and platforms write them, to minutes."""

from __future__ import annotations

import re

import polars as pl

_UNITS = {
    unit: scale
    for scale, units in (
        (
            60.0,
            "h hr hrs hour hours godz godzina godziny godzin std stunde stunden heure heures hora horas ora ore uur"
            " uren time timer tim timme timmar ч час часа часов 時間 小时 小時 시간",
        ),
        (
            1.0,
            "m mn min mins minute minutes minuto minutos minuten minuti minut minuta minuty minutter minuter мин"
            " минута минуты минут 分 分钟 分鐘 분 ' ’ ′",
        ),
        (
            1 / 60,
            "s sec secs second seconds seconde secondes seconden secondi segundo segundos sek sekunde sekunden"
            " sekund sekunder sekundy с сек секунда секунды секунд 秒 초 \" ″ '' ′′",
        ),
    )
    for unit in units.split()
}
_CLOCK = re.compile(
    r"^(\d+):([0-5]?\d)(?::([0-5]?\d)(?:[.,]\d+)?)?\s*(?:(?:h|hrs?|hours?|std|uur)\.?)?$",
    re.IGNORECASE,
)
_WORDED = re.compile(
    r"(?:[\s,;]|and\b|und\b|et\b|og\b|och\b|y\b|e\b)*(\d+(?:[.,]\d+)?)\s*([^\W\d_]+|[\'’′″\"]{1,2})?\.?"
)
_ABOUT = re.compile(r"^(?:[<>≥≤~≈]|ca\b\.?|approx\b\.?|about\b|over\b)\s*|\s*\+$", re.IGNORECASE)
_PERIOD = re.compile(r"^P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$")


def minutes(text: str) -> float | None:
    """Minutes of '45', '45.0', '45 min', '0:45:00', '1 hour 3 minutes', '1h 13m 42s', 'PT42M10S'."""
    plain = _ABOUT.sub("", text.strip())
    if found := _CLOCK.match(plain):
        first, second, third = int(found[1]), int(found[2]), found[3]
        # Two parts are hours and minutes, as spreadsheets write a duration.
        return first * 60.0 + second + (int(third) / 60 if third else 0)
    if found := _PERIOD.match(plain):
        days, hours, mins, secs = (float(part or 0) for part in found.groups())
        return days * 1440 + hours * 60 + mins + secs / 60
    try:
        value = float(plain.replace(",", ".") if plain.count(",") == 1 else plain)
    except ValueError:
        return _worded_minutes(plain)
    return value if 0 <= value < 1e6 else None


def is_long_clock(texts: pl.Series) -> bool:
    """Whether one of the texts is of two parts, the first of more than a day's hours: minutes and seconds then."""
    return bool(texts.str.contains(r"^\D{0,2}(2[4-9]|[3-9]\d|\d{3,}):[0-5]\d\D?\s*$").any())


def minutes_and_seconds(text: str) -> float | None:
    """As `minutes`, in a column of which two parts are not hours and minutes."""
    found = _CLOCK.match(text.strip())
    if found and found[3] is None:
        return int(found[1]) + int(found[2]) / 60
    return minutes(text)


def _worded_minutes(text: str) -> float | None:
    """All of the text or nothing: what is left over may turn the figure round. A last figure without a unit is of
    the unit below that before it ("1h05")."""
    total, at, scale = 0.0, 0, 0.0
    while at < len(text):
        found = _WORDED.match(text, at)
        if found is None:
            return None
        unit = found[2]
        below = scale / 60 if unit is None and found.end() == len(text) and scale >= 1 else None
        scale = below or _UNITS.get((unit or "").lower(), 0.0)
        if not scale:
            return None
        total += float(found[1].replace(",", ".")) * scale
        at = found.end()
    return total if at and total < 1e6 else None
