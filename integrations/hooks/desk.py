"""What the hooks of desks have in common: texts with their lines, times, and bodies in a row."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.formats import structured
from integrations.hooks.records import moment, parse, text
from integrations.inbox.words import from_html
from integrations.ticket_records import Piece, Row, Told, told

LONGEST = 20_000


def lines(item: object, *path: str) -> str | None:
    """A longer text at a path, its line breaks kept; markup is taken out."""
    found = structured.deep(item, *path)
    if not isinstance(found, str):
        return None
    plain = structured.text_of(found[: LONGEST * 4])
    if "</" in plain or "<br" in plain:
        plain = from_html(plain)
    return plain[:LONGEST].strip() or None


def seconds(item: object, *path: str) -> datetime | None:
    """Seconds (or, from their size, milliseconds) since 1970, or ISO 8601, as UTC without a zone."""
    said = text(item, *path)
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 14):
        return moment(said)
    number = int(said) / (1_000 if len(said) >= 12 else 1)
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None)


def listed(item: object, *path: str) -> list[Any]:
    found = structured.deep(item, *path)
    return found if isinstance(found, list) else []


def whole_number(item: object, *path: str) -> int | None:
    said = text(item, *path)
    return int(said) if said and said.isascii() and said.isdigit() and len(said) < 10 else None


def tags_of(found: list[Any]) -> list[str] | None:
    names = [
        text(one, "name") if isinstance(one, dict) else structured.text_of(one) for one in found
    ]
    return sorted({name.strip()[:100] for name in names if name and name.strip()}) or None


def reader(piece: Callable[[Any], Iterator[Piece]]) -> Callable[[Sequence[bytes]], Told]:
    """All that some bodies tell, each read by `piece`."""

    def read(bodies: Sequence[bytes]) -> Told:
        return told(one for raw in bodies for one in piece(parse(raw)))

    return read


def hmac_hex(secret: str, message: bytes, *, sha1: bool = False) -> str:
    made = hashlib.sha1 if sha1 else hashlib.sha256
    return hmac.new(secret.encode(), message, made).hexdigest()


def message(
    key: str | None, author: str, at: datetime | None, words: str | None, **more: Any
) -> Row:
    named = key or f"{author}@{at.isoformat() if at else ''}"
    given = {"internal": False} | more
    return {"key": named, "author": author, "at": at, "text": words, **given}
