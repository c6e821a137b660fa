"""Many ids, a statement at a time: a database takes only so many values in one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

PIECE = 5_000


def pieces(numbers: Collection[int], size: int = PIECE) -> Iterable[Sequence[int]]:
    """The distinct numbers, ascending, in lists that fit into one statement."""
    ordered = sorted(set(numbers))
    return (ordered[start : start + size] for start in range(0, len(ordered), size))
