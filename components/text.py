"""Words, numbers and moments as people read them; names from outside made harmless."""

from __future__ import annotations

import re
import unicodedata
from calendar import month_abbr, month_name
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Everything that Streamlit's Markdown gives a meaning: emphasis, links, images, HTML, LaTeX, :icons:.
_ACTIVE = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@/=^])")
_UNITS = ((1e3, "K"), (1e6, "M"), (1e9, "B"))
# What Markdown makes a link of even when every sign of it is escaped.
_LINK_STARTS = re.compile(r"(?i)(https?:|www)(?=//|\.)")
_UNSEEN = "\u2060"
"""Word joiner: no width, no line break, but no link either."""
_RIGHT_TO_LEFT = (
    r"[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\U00010800-\U00010FFF\U0001E800-\U0001EFFF]"
)
_MONTHS = "|".join((*month_name[1:], *month_abbr[1:]))
_NUMBER = rf"[ \-–]+\d+(?:[.,]\d+)*(?![\w%]|[.,:/\-–]\d| (?:{_MONTHS})\b)"
"""That belongs to the word before it, as in a name that ends in one: no date and no amount."""
# From the first such letter to the last one before something that reads the other way, or counts.
_TURNED = re.compile(
    rf"{_RIGHT_TO_LEFT}(?:(?:{_NUMBER}[ \-–]+|[^\w$€£¥]*){_RIGHT_TO_LEFT})*(?:{_NUMBER})?"
)
_GOES_ON = re.compile(r"\W*\d|\s+[a-z]")
"""What stands behind a name in words of ours: an amount, a day, a verb; no such thing ends a name or a subject."""
_ALONE, _TOGETHER_AGAIN = "\u2068", "\u2069"
"""Around words that run from right to left: what stands beside them keeps its place and its order."""
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def plain(text: object) -> str:
    """Text from outside for Markdown places (titles, labels, messages): shown as typed, on one line.

    Hidden and direction-changing characters are dropped, so a name cannot pass for another one; words that
    run from right to left are kept apart, or they would turn the amount that follows them.
    """
    words = unicodedata.normalize("NFC", str(text))
    kept = "".join(
        c if unicodedata.category(c)[0] != "C" else " " if c in "\t\r\n" else "" for c in words
    )
    unlinked = _LINK_STARTS.sub(rf"\1{_UNSEEN}", apart(" ".join(kept.split())))
    return _ACTIVE.sub(r"\\\1", unlinked)


def apart(words: str) -> str:
    """The words with what runs from right to left kept from turning its neighbours: all of them where they begin so
    and most of them do, as a name or a subject does, else each such part, as in a sentence of ours with a name in it."""
    parts = re.findall(rf"{_RIGHT_TO_LEFT}+", words)
    if not parts:
        return words
    first = next(filter(str.isalpha, words), words)
    most = 2 * sum(map(len, parts)) > sum(c.isalpha() for c in words)
    if (
        re.match(_RIGHT_TO_LEFT, first)
        and most
        and not _GOES_ON.match(words.rpartition(parts[-1])[2])
    ):
        return f"{_ALONE}{words}{_TOGETHER_AGAIN}"
    return _TURNED.sub(rf"{_ALONE}\g<0>{_TOGETHER_AGAIN}", words)


def plural(count: int, noun: str, many: str | None = None) -> str:
    """`1 customer`, `1,204 customers`; `many` for nouns that take no s."""
    word = noun if count == 1 else many or f"{noun}s"
    return f"{count:,} {word}"


def money(amount: Decimal | float | None, currency: str = "USD") -> str:
    """Short, as in a header: `$200K`, `$1.2M`, `€950`; a dash when unknown. Not for Markdown as it is:
    pass it through `plain` there, since two dollar signs start a formula."""
    if amount is None:
        return "–"
    value = abs(float(amount))
    shown: float = round(value)
    unit = ""
    for size, larger in _UNITS:
        if shown < 1000:  # as rounded, or 999,999 would be 1000K
            break
        shown, unit = round(value / size, 1), larger
    number = f"{shown:,}".removesuffix(".0")
    minus = "-" if amount < 0 and number != "0" else ""
    sign = _SIGNS.get(currency)
    return f"{minus}{sign}{number}{unit}" if sign else f"{minus}{number}{unit} {currency}"


def day(value: date | None) -> str:
    """`21 Nov 2026`; a dash when unknown."""
    return f"{value.day} {value:%b %Y}" if value else "–"


def near(value: datetime | None, zone: str, now: datetime) -> str:
    """`today, 14:05`, `tomorrow, 09:00`, `Mon 30 Nov, 09:00`, further off with the year; in the zone named."""
    if value is None:
        return "–"
    local, today = _local(value, zone), _local(now, zone).date()
    away = (local.date() - today).days
    said = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(away)
    year = "" if abs(away) < 180 else f" {local.year}"
    return f"{said or f'{local:%a} {local.day} {local:%b}{year}'}, {local:%H:%M}"


def moment(value: datetime | None, zone: str) -> str:
    """`21 Nov 2026, 14:05 CET`, in the zone named; in UTC when that is unknown."""
    if value is None:
        return "–"
    local = _local(value, zone)
    return f"{day(local.date())}, {local:%H:%M %Z}"


def known_zone(name: str | None) -> ZoneInfo | None:
    """The zone of that name; None where this machine knows none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _local(value: datetime, zone: str) -> datetime:
    return value.astimezone(known_zone(zone) or UTC)
