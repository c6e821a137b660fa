"""Frames as CSV and formatted Excel, with formulas made harmless. Every download of the app comes from here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

MOST_ROWS = 1_048_575
"""What an Excel sheet holds under its header."""
_UNSEEN = r"[\s\p{Cc}\p{Cf}]"
"""What no reader sees before a sign: blanks, control characters and those without width."""
_ACTIVE = rf"^{_UNSEEN}*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]"
_WITHIN = rf"([;\t\r\n]{_UNSEEN}*)([=+\-@\uFF1D\uFF0B\uFF0D\uFF20])"
"""Where a spreadsheet may begin another cell in the middle of ours: half of Europe parts the cells of a CSV by
semicolons, some programs by tabs, and who parts otherwise than we do takes no notice of our quotes."""
_NOT_IN_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
_NUMBER = r"^\s*[+-]?\d+([.,]\d+)?\s*%?$"


def defang(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers, also as text, stay numbers."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_harmless(pl.col(name)).alias(name) for name in texts)


def _harmless(text: pl.Expr) -> pl.Expr:
    clean = text.str.replace_all(_NOT_IN_XML, " ")
    active = clean.str.contains(_ACTIVE) & ~text.str.contains(_NUMBER)
    return pl.when(active).then(pl.concat_str(pl.lit("'"), clean)).otherwise(clean)


def to_csv(frame: pl.DataFrame, labels: Mapping[str, str] | None = None) -> bytes:
    """UTF-8 with a mark that Excel needs to see, CRLF, a header of `labels`; lists as "a; b"."""
    ready = _however_parted(defang(_flat(frame)))
    head = io.StringIO()
    csv.writer(head).writerow(_heads(frame, labels))
    body = ready.write_csv(include_header=False, line_terminator="\r\n")
    return b"\xef\xbb\xbf" + (head.getvalue() + body).encode()


def _however_parted(frame: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(pl.col(name).str.replace_all(_WITHIN, "${1}'${2}") for name in texts)


def to_xlsx(
    frame: pl.DataFrame,
    labels: Mapping[str, str] | None = None,
    *,
    title: str = "Data",
    formats: Mapping[str, str] | None = None,
) -> bytes:
    """One sheet: styled header that stays in view, filters, widths by content. `formats`: Excel number
    formats by column ('#,##0'). Moments are written in UTC, as Excel knows no zones. What is more than
    a sheet holds goes on on the next."""
    return to_book([Sheet(title, frame, labels, formats)])


@dataclass(frozen=True)
class Sheet:
    """One of a workbook's: `labels` by column; `formats` as for `to_xlsx`."""

    title: str
    frame: pl.DataFrame
    labels: Mapping[str, str] | None = None
    formats: Mapping[str, str] | None = None


def to_book(sheets: Sequence[Sheet]) -> bytes:
    """Several sheets in one file, each as `to_xlsx` would write it."""
    from services.export import sheet  # what it writes with is slow to import, and rarely needed

    return sheet.write_book(
        (defang(_flat(part)), _heads(part, one.labels), title, one.formats or {})
        for one in sheets
        for title, part in _parts(one)
    )


def _parts(one: Sheet) -> Iterator[tuple[str, pl.DataFrame]]:
    """Title and rows of as many sheets as it takes, at least one."""
    yield one.title, one.frame.head(MOST_ROWS)
    for number, start in enumerate(range(MOST_ROWS, one.frame.height, MOST_ROWS), 2):
        yield f"{one.title[:24]} ({number})", one.frame.slice(start, MOST_ROWS)


def heads_of(columns: Iterable[str]) -> dict[str, str]:
    """Heads of columns that are named by what they are: `renews_on` is `Renews on`, `csm` is `CSM`."""
    return {name: _label(name) for name in columns}


def _label(name: str) -> str:
    words = " ".join(_SHORT.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


_SHORT = {"arr": "ARR", "csm": "CSM"}


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists joined, moments in UTC without their zone, everything else as it is."""
    return frame.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        if isinstance(kind, pl.List)
        else pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.List) or (isinstance(kind, pl.Datetime) and kind.time_zone)
    )


def _heads(frame: pl.DataFrame, labels: Mapping[str, str] | None) -> list[str]:
    """A moment's says its zone."""
    said = [
        f"{head} (UTC)"
        if isinstance(kind, pl.Datetime) and kind.time_zone and "UTC" not in head
        else head
        for name, kind in frame.schema.items()
        for head in ((labels or {}).get(name, name),)
    ]
    plain = pl.Series(said, dtype=pl.String)
    return plain.to_frame("head").select(head=_harmless(pl.col("head")))["head"].to_list()
