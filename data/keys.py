"""Primary keys for rows that bulk writes add, taken before the rows exist."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from data.bulk import is_sqlite


def reserve_keys(session: Session, table: Table, count: int) -> pl.Series:
    """`count` unused ids of the table, Int64, ascending.

    Postgres takes them from the table's own sequence. On SQLite every writing transaction holds the only
    write lock, so the ids after the highest are ours: the highest there is, or, where the table counts
    them (`sqlite_autoincrement`), the highest there ever was.
    """
    if count <= 0:
        return pl.Series("id", [], dtype=pl.Int64)
    if is_sqlite(session):
        spent = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        highest = max(
            session.scalar(select(func.max(table.c.id))) or 0,
            session.scalar(spent, {"name": table.name}) or 0,
        )
        return pl.int_range(highest + 1, highest + 1 + count, dtype=pl.Int64, eager=True).alias(
            "id"
        )
    taken = session.execute(
        text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"),
        {"name": f'"{table.name}"', "count": count},
    ).scalars()
    return pl.Series("id", sorted(taken), dtype=pl.Int64)
