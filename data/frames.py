"""Frames as bytes in the database: compressed, in pieces that any database takes."""

from __future__ import annotations

import io
from collections.abc import Iterable

import polars as pl

PIECE = 4 * 1024 * 1024
"""Bytes per row: under any database's packet limit, and few rows even for a large frame."""


def pack(frame: pl.DataFrame) -> list[bytes]:
    """At least one piece, in order."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    body = buffer.getbuffer()
    return [bytes(body[start : start + PIECE]) for start in range(0, len(body), PIECE)]


def unpack(pieces: Iterable[bytes]) -> pl.DataFrame | None:
    """The frame of all pieces in order; None when there is none."""
    body = b"".join(pieces)
    return pl.read_parquet(io.BytesIO(body)) if body else None
