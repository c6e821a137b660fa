"""What Postgres knows of its tables' contents, kept up with what is written in bulk."""

from __future__ import annotations

from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from data.bulk.sqlite import is_sqlite

ENOUGH = 100
"""Rows written in one go, below which it is left to Postgres itself."""
_GROWN = text(
    "SELECT pg_relation_size(oid) > 8192 * (2 * relpages + 16) FROM pg_class WHERE oid = CAST(:name AS regclass)"
)
_UNKNOWN = text(
    "SELECT NOT EXISTS (SELECT 1 FROM pg_stats WHERE schemaname = current_schema() AND tablename = :name)"
)


def after_growth(session: Session, table: Table, rows: int) -> None:
    """Look through a table that has more than doubled since it was last looked through.

    Postgres does so itself, about a minute later. Until then it takes ten thousand new rows for a handful
    and may read each of them thousands of times: the first look at Today after a conference took 6 s.
    """
    if rows < ENOUGH or is_sqlite(session):
        return
    if session.scalar(_GROWN, {"name": table.name}):
        _look_through(session, table)


def after_first_load(session: Session, *tables: Table) -> None:
    """Look through those that were never looked through: building indexes after a first load tells Postgres
    how many rows there are, so that they seem not to have grown, and nothing of what is in them."""
    for table in () if is_sqlite(session) else tables:
        if session.scalar(_UNKNOWN, {"name": table.name}):
            _look_through(session, table)


def _look_through(session: Session, table: Table) -> None:
    # Whom another transaction is looking through is not waited for.
    session.connection().exec_driver_sql(f"ANALYZE (SKIP_LOCKED) {table.name}")
