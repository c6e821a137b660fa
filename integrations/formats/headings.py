"""How headings of columns are spelled and compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_PUNCTUATION = re.compile(r"[\W_]+", re.UNICODE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*$")
_CUSTOM_FIELD = re.compile(r"^(?:[A-Za-z0-9]+__)?(.+)__[cr]$")
_WORD_IN_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ZONE_IN_HEADER = re.compile(r"\((UTC|GMT|[A-Z][A-Za-z]+/[A-Za-z_/+-]+)\)\s*$")


@lru_cache(maxsize=8192)
def normalise(header: str) -> str:
    """A heading as the alias tables spell it: folded case and width, words apart by one blank."""
    if header.isascii():  # nothing to fold but case
        return " ".join(_PUNCTUATION.sub(" ", header.lower()).split())
    text = unicodedata.normalize("NFKC", header).replace("\ufeff", "").casefold()
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join(_PUNCTUATION.sub(" ", plain).split()))


class Field(NamedTuple):
    """A field the mapper offers. `aliases` are normalised headings, best first."""

    label: str
    required: bool
    aliases: tuple[str, ...]


def field(label: str, aliases: str, *, required: bool = False) -> Field:
    return Field(label, required, tuple(dict.fromkeys(map(normalise, aliases.split("|")))))


def header_zone(header: str) -> str | None:
    """The zone a heading states, as in `Registered At (UTC)`; an IANA name or 'UTC'."""
    found = _ZONE_IN_HEADER.search(header)
    if not found:
        return None
    zone = "UTC" if found[1] == "GMT" else found[1]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return zone


def spellings(header: str) -> tuple[str, ...]:
    """How the alias tables may spell a heading: as written, and a program's name of the column as words
    (`Customer_Success_Manager__c`, `BillingCity`)."""
    written = _ZONE_IN_HEADER.sub("", header)
    words = (
        _WORD_IN_NAME.sub(" ", _CUSTOM_FIELD.sub(r"\1", written)) if _NAME.match(written) else ""
    )
    return tuple(filter(None, dict.fromkeys((normalise(written), normalise(words)))))
