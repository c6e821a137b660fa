"""Frames in and out of the database at the drivers' own speed, inside the session's transaction.

SQLAlchemy's row-by-row inserts are four to five times slower than what either driver can do, so the
bulk path goes beneath it: on SQLite the frame becomes a staging file that is attached and copied with
one INSERT … SELECT, on Postgres it is streamed through COPY.
"""

from __future__ import annotations

from data.bulk.reading import read_frame, read_large, reading_beside
from data.bulk.statistics import after_first_load, after_growth
from data.bulk.writing import (
    delete_frame,
    insert_frame,
    insert_missing,
    inserting,
    is_sqlite,
    nothing,
    update_frame,
    upsert_frame,
)

__all__ = [
    "after_first_load",
    "after_growth",
    "delete_frame",
    "insert_frame",
    "insert_missing",
    "inserting",
    "is_sqlite",
    "nothing",
    "read_frame",
    "read_large",
    "reading_beside",
    "update_frame",
    "upsert_frame",
]
