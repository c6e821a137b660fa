"""Salesforce's record ids: reports show 15 characters, exports and other systems 18."""

from __future__ import annotations

import polars as pl

# Accounts and contacts, by their key prefix; ids of digits alone are another system's.
_SHORT = r"^00[13][0-9A-Za-z]{12}$"
_LETTER = r"[A-Za-z]"
_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_ids(column: str) -> pl.Expr:
    """The text column with 15-character ids of accounts and contacts in their 18-character form.

    Each of the three added characters says which of five were capitals, the first being the lowest
    bit: so ids that differ in case alone stay apart where case is lost.
    """
    text = pl.col(column)
    added = [_code(text, start) for start in (0, 5, 10)]
    short = text.str.contains(_SHORT) & text.str.contains(_LETTER)
    return pl.when(short).then(pl.concat_str(text, *added)).otherwise(text).alias(column)


def _code(text: pl.Expr, start: int) -> pl.Expr:
    bits = [
        text.str.slice(start + place, 1).str.contains("[A-Z]").cast(pl.Int64) * (1 << place)
        for place in range(5)
    ]
    return pl.lit(_CODES).str.slice(pl.sum_horizontal(bits), 1)
