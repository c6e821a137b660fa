"""Texts from outside, on one line; and the last wall: what a database cannot keep is refused, on each alike."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from sqlalchemy import Engine, event

from data.errors import BadInput

_NUL = "\x00"
_REFUSED = (
    "A text holds a character that cannot be kept, such as a NUL. Type it anew and try again."
)
_ESCAPES = ("\\u0000", "\\ud")
"""How JSON spells a NUL and half a character; whole ones beyond the first 65,536 begin like the latter."""


def one_line(text: str) -> str:
    """Without line breaks, control characters and doubled blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def refuse_what_cannot_be_kept(engine: Engine) -> None:
    """BadInput for a NUL, which SQLite would keep and Postgres refuses, and for half a character."""
    event.listen(engine, "before_cursor_execute", _look)


def refuse_in(frame: pl.DataFrame) -> None:
    """The same for the rows of a frame, whose texts have whole characters only."""
    found = frame.select(pl.col(pl.String).str.contains(_NUL, literal=True).any())
    if any(any(row) for row in found.rows()):
        raise BadInput(_REFUSED)


def json_text(value: Any) -> str:
    """Values of a JSON column as text. What no reader could use is cleaned rather than refused, since it comes
    from within others' records: no NUL, U+FFFD for half a character, null for what is no number."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_cleaned(value))
    return json.dumps(_cleaned(value)) if any(one in text for one in _ESCAPES) else text


def _look(
    _connection: Any,
    _cursor: Any,
    _statement: str,
    given: Any,
    _context: Any,
    many: bool,  # noqa: FBT001
) -> None:
    # Many rows come one by one, or all of their values in one statement.
    rows = given if many and isinstance(next(iter(given), None), Mapping | tuple) else (given,)
    if any(isinstance(one, str) and not _can_be_kept(one) for row in rows for one in _values(row)):
        raise BadInput(_REFUSED)


def _values(given: Any) -> Iterable[Any]:
    return given.values() if isinstance(given, Mapping) else given or ()


def _can_be_kept(text: str) -> bool:
    if text.isascii():
        return _NUL not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return _NUL not in text


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        # Two halves that belong together become one character on the way through UTF-16.
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace(_NUL, "")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_key(name): _cleaned(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(one) for one in value]
    return value


def _key(name: Any) -> Any:
    return _cleaned(name) if isinstance(name, str) else name
