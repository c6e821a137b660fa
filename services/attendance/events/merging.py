"""What two people entered over the same details, brought together field by field. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIELDS = {"type": "Type", "topic": "Topic", "cost": "Cost", "private": "Open to"}
LISTS = {"parts": ("Session", "id"), "resources": ("Resource", "Address")}
"""What a row of each is called, and by which of its cells it is known again."""
GONE = "removed"

Row = Mapping[str, Any]
Key = tuple[Any, int]


@dataclass(frozen=True)
class Difference:
    """A field that both changed, or one alone where the other did not; `yours` tells which of them is kept."""

    field: str
    mine: Any
    theirs: Any
    yours: bool


@dataclass(frozen=True)
class Merged:
    """`values` as the form has them; `told`: every field where theirs is not what was opened."""

    values: dict[str, Any]
    told: tuple[Difference, ...]


def merged(base: Row, mine: Row, theirs: Row) -> Merged:
    """What was typed stays where it is not what was opened (`base`); everything else is as they left it.

    Each holds FIELDS and, of LISTS, rows as dicts; whatever else `theirs` holds is handed on.
    """
    told: list[Difference] = []
    values = {
        **theirs,
        **{
            name: _one(label, base[name], mine[name], theirs[name], told)
            for name, label in FIELDS.items()
        },
        **{name: _rows(name, base[name], mine[name], theirs[name], told) for name in LISTS},
    }
    return Merged(values, tuple(told))


def _one(field: str, base: Any, mine: Any, theirs: Any, told: list[Difference]) -> Any:
    yours = not _same(mine, base)
    if not _same(theirs, base) and not _same(mine, theirs):
        told.append(Difference(field, mine, theirs, yours))
    return mine if yours else theirs


def _rows(
    name: str, base: Sequence[Row], mine: Sequence[Row], theirs: Sequence[Row], told: list[Difference]
) -> list[dict[str, Any]]:  # fmt: skip
    word, cell = LISTS[name]
    was, typed, now = (_keyed(rows, cell) for rows in (base, mine, theirs))
    kept: list[dict[str, Any]] = []
    for key, row in typed.items():
        if key in now:
            kept.append(_cells(word, was.get(key, {}), row, now[key], told))
        elif key not in was:
            kept.append(dict(row))
        else:
            changed = not _alike(row, was[key])
            told.append(Difference(_called(word, was[key]), _spelled(row), GONE, changed))
            if changed:
                kept.append(dict(row))
    fresh = {key: row for key, row in now.items() if key not in typed}
    return kept + _not_among_mine(word, was, fresh, told)


def _not_among_mine(
    word: str, was: Mapping[Key, Row], theirs: Mapping[Key, Row], told: list[Difference]
) -> list[dict[str, Any]]:
    """Rows that they added; those that were removed here stay away."""
    added: list[dict[str, Any]] = []
    for key, row in theirs.items():
        if key not in was:
            told.append(Difference(_called(word, row), None, _spelled(row), yours=False))
            added.append(dict(row))
        elif not _alike(row, was[key]):
            told.append(Difference(_called(word, was[key]), GONE, _spelled(row), yours=True))
    return added


def _cells(
    word: str, was: Row, mine: Row, theirs: Row, told: list[Difference]
) -> dict[str, Any]:  # fmt: skip
    name = _called(word, theirs)
    return {
        cell: _one(f"{name}: {cell.lower()}", was.get(cell), mine.get(cell), theirs[cell], told)
        for cell in theirs
    }


def _keyed(rows: Sequence[Row], cell: str) -> dict[Key, Row]:
    """The second row of the same address is another one than the first."""
    seen: Counter[Any] = Counter()
    found: dict[Key, Row] = {}
    for row in rows:
        seen[row[cell]] += 1
        found[row[cell], seen[row[cell]]] = row
    return found


def _called(word: str, row: Row) -> str:
    return f"{word} “{row['Title'] or 'without a title'}”"


def _spelled(row: Row) -> list[str]:
    """Its texts, without the number it is kept by."""
    cells = (value for name, value in row.items() if name != "id" and value)
    return [one for value in cells for one in (value if isinstance(value, list) else [str(value)])]


def _alike(one: Row, other: Row) -> bool:
    return all(_same(one.get(name), other.get(name)) for name in other)


def _same(one: Any, other: Any) -> bool:
    return _bare(one) == _bare(other)


def _bare(value: Any) -> Any:
    """Nothing entered is nothing, however a cell spells it."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return [str(one).strip() for one in value] or None  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value
