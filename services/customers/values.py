"""Cells of customer files into values. Each parser takes non-empty text and raises ValueError saying why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import available_timezones

LARGEST_AMOUNT = Decimal("999999999999.99")
FIRST_YEAR, LAST_YEAR = 1900, 2200

_SYMBOLS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "Fr.": "CHF"}
_AMOUNT = re.compile(
    r"(?P<before>US\$|Fr\.|[$€£¥₹]|[A-Za-z]{3})?\s*"
    r"(?P<digits>\d[\d.,'’\s]*)\s*"
    r"(?P<scale>k|thousand|m|mm|mio\.?|mn|million|b|bn|billion)?\s*"
    r"(?P<after>US\$|Fr\.|[$€£¥₹]|[A-Za-z]{3})?",
    re.IGNORECASE,
)
_SCALES = {
    "k": 3, "thousand": 3, "m": 6, "mm": 6, "mn": 6, "mio": 6, "mio.": 6, "million": 6,
    "b": 9, "bn": 9, "billion": 9,
}  # fmt: skip
_NUMERIC_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T].*)?")
_WHOLE_DAY_FORMATS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d-%b-%y")
_ROLES = {
    "champion": "champion",
    "advocate": "champion",
    "executive sponsor": "executive_sponsor",
    "exec sponsor": "executive_sponsor",
    "sponsor": "executive_sponsor",
    "economic buyer": "executive_sponsor",
    "decision maker": "executive_sponsor",
    "admin": "admin",
    "administrator": "admin",
    "technical admin": "admin",
    "user": "user",
    "end user": "user",
}
_YES = {
    "yes",
    "y",
    "true",
    "t",
    "1",
    "x",
    "ja",
    "oui",
    "si",
    "sí",
    "on",
    "opted out",
    "unsubscribed",
}
_NO = {"no", "n", "false", "f", "0", "-", "nein", "non", "off", "subscribed", "opted in"}
_DOMAIN = re.compile(r"(?=.{1,255}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])")


@dataclass(frozen=True)
class Amount:
    """Money as written: `currency` is null when the text names none."""

    value: Decimal
    currency: str | None


def parse_amount(text: str) -> Amount:
    """`$200K`, `1.234,50`, `200000 USD`, `CHF 1'234.50`, `1,5M`: zero or more, to the cent."""
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError("not an amount of money")
    scale = _SCALES.get((found["scale"] or "").lower(), 0)
    value = _number(found["digits"], scaled=scale > 0).scaleb(scale)
    if value > LARGEST_AMOUNT:
        raise ValueError("larger than any contract")
    value = value.quantize(Decimal("0.01"), ROUND_HALF_UP).min(LARGEST_AMOUNT)
    signs = {_currency(found[side]) for side in ("before", "after") if found[side]}
    if len(signs) > 1:
        raise ValueError("names two currencies")
    return Amount(value, signs.pop() if signs else None)


def currency_of_amount(text: str) -> str | None:
    """The currency that the amount names; null also where it is no amount."""
    try:
        return parse_amount(text).currency
    except ValueError:
        return None


def _currency(sign: str) -> str:
    return _SYMBOLS.get(sign) or _SYMBOLS.get(sign.upper()) or parse_currency(sign)


def _number(digits: str, *, scaled: bool) -> Decimal:
    plain = re.sub(r"['’\s]", "", digits)
    try:
        return Decimal(_with_decimal_point(plain, scaled=scaled))
    except InvalidOperation:
        raise ValueError("not an amount of money") from None


def _with_decimal_point(plain: str, *, scaled: bool) -> str:
    """Decide which of . and , is the decimal sign: the last one when both occur, else by what follows."""
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return plain
    sign, other = plain[last], "," if plain[last] == "." else "."
    whole, rest = plain[:last], plain[last + 1 :]
    if plain.count(sign) > 1:
        groups = plain.split(sign)
        if other in plain or not _are_thousands(groups):
            raise ValueError("not an amount of money")
        return "".join(groups)
    if other in whole:
        groups = whole.split(other)
        if not _are_thousands(groups):
            raise ValueError("not an amount of money")
        return f"{''.join(groups)}.{rest}"
    # 1.234 is a thousand and more, unless K or M follows: nobody writes money to the thousandth.
    thousands = (
        len(rest) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0" and not (scaled and sign == ".")
    )
    return whole + rest if thousands else f"{whole}.{rest or '0'}"


def _are_thousands(groups: list[str]) -> bool:
    return 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def parse_currency(text: str) -> str:
    """ISO 4217 spelling; whether such a currency exists is not checked."""
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("not a currency code such as USD")
    return code


def parse_day(text: str, *, day_first: bool | None) -> date:
    """A day from a whitelist of spellings; `day_first` reads 03/04/2026, null leaves it undecided."""
    plain = " ".join(text.replace(",", " ").split())
    found = _iso_day(plain) or _numeric_day(plain, day_first=day_first) or _worded_day(plain)
    if found is None:
        raise ValueError("not a date such as 2026-03-31")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError("not a year we could mean")
    return found


def _iso_day(plain: str) -> date | None:
    found = re.fullmatch(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T].*)?", plain)
    return _day(int(found[1]), int(found[2]), int(found[3])) if found else None


def _numeric_day(plain: str, *, day_first: bool | None) -> date | None:
    found = _NUMERIC_DAY.fullmatch(plain)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if "." in plain.split(" ")[0] or first > 12:  # dots are written where the day comes first
        day_first = True
    elif second > 12:
        day_first = False
    if day_first is None and first != second:
        raise ValueError("could be day/month or month/day")
    return _day(year, second, first) if day_first else _day(year, first, second)


def _worded_day(plain: str) -> date | None:
    for pattern in _WHOLE_DAY_FORMATS:
        try:
            return datetime.strptime(plain, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("no such day") from None


def decides_order(text: str) -> bool | None:
    """Whether this cell shows that days come first (True) or months (False); null when it shows nothing."""
    found = _NUMERIC_DAY.fullmatch(" ".join(text.split()))
    if not found or "." in found[0].split(" ")[0]:
        return None
    first, second = int(found[1]), int(found[2])
    if (first > 12) == (second > 12):
        return None
    return first > 12


def parse_health(text: str) -> int:
    """0 to 100, `90`, `90.0` or `90 %`."""
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(\.\d*)?", plain):
        raise ValueError("not a number from 0 to 100")
    value = int(Decimal(plain).quantize(Decimal(1), ROUND_HALF_UP))
    if value > 100:
        raise ValueError("more than 100")
    return value


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def parse_zone(text: str) -> str:
    """An IANA name, whatever its case."""
    found = _zones().get(text.strip().replace(" ", "_").casefold())
    if found is None:
        raise ValueError("not a time zone such as Europe/Berlin")
    return found


def parse_domain(text: str) -> str:
    """The bare host: lower case, without scheme, user, www., port and path; IDNA spelled out as typed."""
    host = unicodedata.normalize("NFKC", text).strip().lower()
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", host)
    host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2]
    host = re.sub(r":\d+$", "", host).strip(".").removeprefix("www.")
    if not _DOMAIN.fullmatch(host):
        raise ValueError("not a domain such as example.com")
    return host


def parse_role(text: str) -> str:
    found = _ROLES.get(" ".join(text.replace("_", " ").split()).casefold())
    if found is None:
        raise ValueError("not champion, executive sponsor, admin or user")
    return found


def parse_yes(text: str) -> bool:
    word = text.strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError("neither yes nor no")


def split_list(text: str) -> list[str]:
    """Several values of one cell, apart by ; | or line breaks, else by commas; each once, as first typed."""
    pieces = re.split(r"[;|\n]", text) if re.search(r"[;|\n]", text) else text.split(",")
    return list({" ".join(piece.split()): None for piece in pieces if piece.strip()})


def split_domains(text: str) -> list[str]:
    """The pieces of a cell that may each be a domain."""
    return [piece for piece in re.split(r"[;,|\s]+", text) if piece]


def short(limit: int) -> Callable[[str], str]:
    """A parser for text that a column of `limit` characters can hold."""

    def parse(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"longer than {limit} characters")
        return text

    return parse
