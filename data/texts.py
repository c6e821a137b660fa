"""The last wall for texts from outside: characters that a database cannot keep are refused, on each alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Engine, event

from data.errors import BadInput

_NUL = "\x00"


def refuse_what_cannot_be_kept(engine: Engine) -> None:
    """BadInput for a NUL, which SQLite would keep and Postgres refuses, and for half a character.

    Lists of rows are left to who made them: files and bulk requests are cleaned as they are read.
    """
    event.listen(engine, "before_cursor_execute", _look)


def _look(
    _connection: Any,
    _cursor: Any,
    _statement: str,
    given: Any,
    _context: Any,
    many: bool,  # noqa: FBT001
) -> None:
    if not many and any(
        isinstance(value, str) and not _can_be_kept(value) for value in _values(given)
    ):
        raise BadInput(
            "A text holds a character that cannot be kept, such as a NUL. Type it anew and try again."
        )


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
