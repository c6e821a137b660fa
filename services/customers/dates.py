"""Which of day and month comes first in a file's dates."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from integrations.formats.records import ParsedFile
from services.customers import values

UNDECIDED = "could be day/month or month/day"


def day_order(parsed: ParsedFile, columns: Sequence[str]) -> bool | None:
    """True when days come first, by what the reader saw, else by any date past the twelfth; null if nothing tells."""
    if parsed.day_first is not None:
        return parsed.day_first
    present = [c for c in columns if c in parsed.rows.columns]
    texts = [t for c in present for t in parsed.rows[c].drop_nulls().unique().to_list()]
    shown = {values.decides_order(text) for text in texts} - {None}
    return shown.pop() if len(shown) == 1 else None


def undecided(notes: pl.Series) -> bool:
    """Whether a date was left out because nothing in the file tells day from month."""
    return bool(notes.str.contains(UNDECIDED, literal=True).any())
