"""Columns of attendance that tell how much of it somebody was there for: “87 %”, or 0.87 as Excel keeps it."""

from __future__ import annotations

import re

import polars as pl

from integrations.formats import values
from integrations.formats.headings import normalise

_HEADINGS = re.compile(
    r"\b(attendance|attended|participation|participated|present|presence|anwesend|anwesenheit|teilnahme|teilgenommen"
    r"|asistencia|asistio|presencia|presenca|participou|partecipazione|presenza|aanwezig|aanwezigheid|obecnosc)\b|出席|参加"
)
_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%|%\s*(\d{1,3}(?:[.,]\d+)?)|(0?[.,]\d+)")


def share(text: str, heading: str) -> str | None:
    """attended or no_show, for a share in a column of this heading; None for anything else."""
    found = _SHARE.fullmatch(text.strip()) if _HEADINGS.search(normalise(heading)) else None
    if found is None:
        return None
    figure = next(filter(None, found.groups())).replace(",", ".")
    return "attended" if float(figure) > 0 else "no_show"


def in_words(fields: pl.DataFrame, heading: str) -> pl.DataFrame:
    """The column for Status, whose `heading` it is, with a word for each share."""
    cells = fields["status"]
    if not any(share(text, heading) for text in cells.drop_nulls().unique().to_list()):
        return fields
    told = values.by_distinct(cells, lambda text: share(text, heading) or text, pl.Utf8)
    return fields.with_columns(told.alias("status"))
