"""Columns that tell who did not come: “No-show”, “Absent”, “Cancelled”, in which yes is no."""

from __future__ import annotations

import re

import polars as pl

from integrations.formats import values
from integrations.formats.headings import normalise
from integrations.formats.statuses import status

_HEADINGS = (
    (
        re.compile(
            r"\b(no ?shows?|absent|absents|absence|missed|did not (attend|show|join)|abwesend|abwesenheit|ausente"
            r"|ausencia|absente?|assente|afwezig)\b"
        ),
        "no show",
    ),
    (
        re.compile(r"\b(cancell?ed|cancellation|storniert|abgesagt|annulee?|cancelado)\b"),
        "cancelled",
    ),
)
_CAME_TOO = re.compile(r"\b(attended|attendance|present|presence|anwesend|presente|aanwezig)\b")
"""“Attended / no-show” tells who came: yes is yes there."""
_YES_WORDS = "yes|y|1|true|t|x|✓|✔|ja|wahr|oui|vrai|si|verdadero|sim|verdadeiro|vero|tak"
_NO_WORDS = "no|n|0|false|f|nein|falsch|non|faux|falso|nao|nee|onwaar|nie|nej|nei"
_YES, _NO = (frozenset(words.split("|")) for words in (_YES_WORDS, _NO_WORDS))


def turned(fields: pl.DataFrame, heading: str) -> pl.DataFrame:
    """The column for Status, where its `heading` tells of absence, in words that say who came.

    Where only those who did not are marked, all the others came."""
    plain = normalise(heading)
    word = next((word for pattern, word in _HEADINGS if pattern.search(plain)), None)
    if word is None or _CAME_TOO.search(plain):
        return fields
    cells = fields["status"]
    said = {_plain(text) for text in cells.drop_nulls().unique().to_list()}
    marked = bool(said & _YES) and not said & _NO

    def understand(text: str) -> str | None:
        told = _plain(text)
        came = told in _NO or (marked and not told)
        return "attended" if came else word if told in _YES else text

    given = cells.fill_null("") if marked else cells
    return fields.with_columns(values.by_distinct(given, understand, pl.Utf8).alias("status"))


def _plain(text: str) -> str:
    bare = text.strip()
    return "" if bare in values.ABSENT else normalise(bare) or bare


def with_cancelled(fields: pl.DataFrame, listed: pl.Series) -> pl.DataFrame:
    """Who is `listed` as cancelled or declined is so, unless the status says that they came, or something else
    that is not known."""
    gone = values.by_distinct(listed, _gone, pl.Utf8)
    stands = values.by_distinct(fields["status"], _stands, pl.Boolean).fill_null(value=False)
    cells = fields["status"].cast(pl.Utf8)
    return fields.with_columns(status=gone.zip_with(gone.is_not_null() & ~stands, cells))


def _gone(text: str) -> str | None:
    return text if status(text) in ("cancelled", "declined") else None


def _stands(text: str) -> bool:
    return text.strip() not in values.ABSENT and status(text) in ("attended", None)
