"""JSON files: parsed with every number kept as text, and told apart by what their items hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from data.errors import FileRefused
from integrations.formats.grid import MAX_COLUMNS

Item = dict[str, Any]


def parse(text: bytes) -> Any:
    """A JSON document, or one document per line. 19-digit keys and huge numbers stay text."""
    try:
        return _loads(text.decode())
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise FileRefused(_broken()) from None
    except RecursionError:
        raise FileRefused("This JSON file is nested too deeply to be a report.") from None
    try:
        return [_loads(line.decode()) for line in lines]
    except (ValueError, RecursionError):
        raise FileRefused(_broken()) from None


def _loads(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)


def _broken() -> str:
    return "This JSON file is damaged or cut off. Export it again and upload that."


def items(document: object, *names: str) -> list[Item]:
    """The list of objects a document is, or holds under one of `names`."""
    found = document
    if isinstance(document, dict):
        held = [document[n] for n in names if isinstance(document.get(n), list)]
        found = held[0] if held else []
    return [i for i in found if isinstance(i, dict)] if isinstance(found, list) else []


def text_of(value: object) -> str:
    """A value as a cell. Half characters (lone surrogates) are replaced: no store takes them."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return plain.encode("utf-8", "replace").decode()


def as_sheet(rows: list[Item]) -> list[list[str]]:
    """Objects as a table: all their keys for a header, in order of appearance."""
    keys: dict[str, None] = {}
    for row in rows:
        keys.update(dict.fromkeys(row))
        if len(keys) > MAX_COLUMNS:
            raise FileRefused(f"The records of this file have more than {MAX_COLUMNS} fields.")
    header = [text_of(k) for k in keys]
    return [header, *([text_of(row.get(k)) for k in keys] for row in rows)]


def deep(item: object, *path: str) -> Any:
    """What lies at a path of keys, or None."""
    for key in path:
        item = item.get(key) if isinstance(item, dict) else None
    return item


def numbered(rows: Iterable[Item]) -> Iterator[tuple[int, Item]]:
    return enumerate(rows, 1)
