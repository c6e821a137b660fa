"""Delimited text, and the moments and spans in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

MINUTE = timedelta(minutes=1)


def text_of(
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    end: str = "\n",
    quote_all: bool = False,
) -> str:
    """Rows as delimited text; None is an empty cell."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


def save(path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def save_utf16(path: Path, text: str) -> Path:
    """Little-endian with its mark, as Microsoft's and Cisco's exports are."""
    path.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
    return path


def short_date(moment: datetime) -> str:
    """`9/4/26`."""
    return f"{moment.month}/{moment.day}/{moment:%y}"


def clock(moment: datetime, form: str = "%M:%S %p") -> str:
    """`8:58:30 AM`: the hour without a leading zero."""
    return f"{(moment.hour - 1) % 12 + 1}:{moment:{form}}"
