"""From bytes to clean text: what kind of file this is, by its content and never by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from data.errors import FileRefused

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 512 * 1024 * 1024
MAX_LINE = 1 << 20
_SNIFF = 4096
_PIECE = 1 << 22

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a sound, film or picture"),
    (b"MZ\x90\x00", "a program"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"{\\rtf", "a text document"),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<workbook")
# Five bytes mean nothing in Windows-1252; a question mark keeps the place of each.
_MEANINGLESS = b"\x81\x8d\x8f\x90\x9d"
_UNDEFINED = bytes(b"?"[0] if b in _MEANINGLESS else b for b in range(256))
_ABOVE_ASCII = bytes(range(128, 256))
_FOREIGN_WORD = re.compile(rb"[\x80-\xff]{4,}")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACCENTS = "The file is not UTF-8 and was read as Windows-1252; check names with accents."
_GARBLED = (
    "The file is not UTF-8, and its words are of another alphabet than that of Windows-1252: its names cannot be read. "
    "Save it as “CSV UTF-8” and upload that."
)


@dataclass(frozen=True)
class Content:
    """`text` is UTF-8 without BOM and NUL; empty for a workbook, which stays at its path."""

    kind: Literal["text", "json", "workbook"]
    text: bytes
    warnings: tuple[str, ...]


def load(path: Path) -> Content:
    """Read and clean a file. Raises FileRefused for what is no table, list or workbook."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileRefused("This file is larger than 512 MB. Split it and upload the parts.")
    with path.open("rb") as stream:
        head = stream.read(_SNIFF)
    _refuse_foreign(head)
    if head[:4] == b"PK\x03\x04":
        return Content("workbook", b"", ())
    if head[:4] == b"PK\x05\x06":
        raise FileRefused("This archive is empty. Upload the report itself.")
    text, warnings = clean(path.read_bytes())
    if not text[:_SNIFF].strip() and not text.strip():
        raise FileRefused("This file is empty. Export the report again and upload that.")
    _refuse_binary(text[:_SNIFF])
    opening = text[:_SNIFF].lstrip()[:1]
    kind: Literal["text", "json"] = "json" if opening in (b"[", b"{") else "text"
    return Content(kind, text, warnings)


def clean(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The same text as UTF-8 without BOM and NUL, and what had to be done to get there."""
    warnings: list[str] = []
    wide = _wide_encoding(data[:_SNIFF])
    if wide:
        data = data.decode(wide, errors="replace").encode("utf-8", errors="replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data:
        # Left out, they would join what stood on both sides: two addresses to one of nobody's.
        data = data.replace(b"\0", b" ")
        warnings.append("The file held NUL characters; they were read as blanks.")
    if not data.isascii() and not _is_utf8(data):
        warnings.append(_GARBLED if _of_another_alphabet(data[:_PIECE]) else _ACCENTS)
        data = data.translate(_UNDEFINED).decode("cp1252").encode()
    return data, tuple(warnings)


def _of_another_alphabet(data: bytes) -> bool:
    """Whether bytes that are not ASCII are words of their own more often than letters within others, or every tenth
    of them means nothing in Windows-1252."""
    above = len(data) - len(data.translate(None, _ABOVE_ASCII))
    in_words = sum(len(word) for word in _FOREIGN_WORD.findall(data))
    meaningless = len(data) - len(data.translate(None, _MEANINGLESS))
    return 2 * in_words > above or 10 * meaningless > above


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 by BOM, or by a NUL in (nearly) every second byte."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    half = len(head) // 2
    if half < 2:
        return None
    if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _is_utf8(data: bytes) -> bool:
    """Piece by piece, cut after line ends: one copy of a large file would be its size again."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _PIECE) + 1 or len(data)
        try:
            pl.Series([data[start:end]], dtype=pl.Binary).cast(pl.Utf8)
        except pl.exceptions.PolarsError:
            return False
        start = end
    return True


def _refuse_foreign(head: bytes) -> None:
    if head.startswith(_OLE):
        raise FileRefused(
            "This is an old Excel file (.xls) or a workbook with a password. "
            "Open it, remove the password, save it as .xlsx or CSV and upload that."
        )
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise FileRefused(f"This is {what}, not a table. Upload a CSV, XLSX or JSON export.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower().startswith(_MARKUP):
        raise FileRefused("This is a web page or XML file. Upload the CSV or XLSX export instead.")


def _refuse_binary(head: bytes) -> None:
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if controls > len(head) * 0.05:
        raise FileRefused("This file is not text. Upload a CSV, XLSX or JSON export.")
