"""Bulk writes to SQLite: frames become staging files that are attached."""

from __future__ import annotations

import tempfile
from pathlib import Path

import adbc_driver_sqlite.dbapi as adbc
import polars as pl
from sqlalchemy import Table
from sqlalchemy.orm import Session

from data.types import STAGING, UtcDateTime

SMALL = 2_000
"""Rows up to which plain executemany beats the set-up cost of the staging file."""


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def as_stored(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Moments as whole microseconds, days as ISO text, truth as 0/1: what SQLAlchemy's types expect."""
    casts = []
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Datetime) or isinstance(table.c[name].type, UtcDateTime):
            casts.append(pl.col(name).cast(pl.Datetime("us")).cast(pl.Int64))
        elif kind == pl.Date:
            casts.append(pl.col(name).dt.strftime("%Y-%m-%d"))
        elif kind == pl.Boolean:
            casts.append(pl.col(name).cast(pl.Int8))
    return frame.with_columns(casts)


def insert(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Add a frame that `as_stored` has made ready."""
    columns = ", ".join(frame.columns)
    if frame.height <= SMALL:
        marks = ", ".join("?" * frame.width)
        session.connection().exec_driver_sql(
            f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", frame.rows()
        )
        return
    staged = _attach(session, frame)
    session.connection().exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {staged}"
    )


def with_staged(session: Session, table: Table, frame: pl.DataFrame, statement: str) -> None:
    """Run a statement whose `{staged}` is the frame (made ready by `as_stored`) as a table."""
    connection = session.connection()
    if frame.height > SMALL:
        connection.exec_driver_sql(statement.format(staged=_attach(session, frame)))
        return
    columns, marks = ", ".join(frame.columns), ", ".join("?" * frame.width)
    connection.exec_driver_sql("DROP TABLE IF EXISTS temp.staged")
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE staged AS SELECT {columns} FROM {table.name} LIMIT 0"
    )
    connection.exec_driver_sql(
        f"INSERT INTO temp.staged ({columns}) VALUES ({marks})", frame.rows()
    )
    connection.exec_driver_sql(statement.format(staged="temp.staged"))


def _attach(session: Session, frame: pl.DataFrame) -> str:
    """Write the frame to a database file of its own and attach it; gives the staged table's name.

    An attached file cannot be detached before the transaction ends, so each gets the next free name;
    `data.db` detaches and deletes them when the connection goes back to the pool. Deleted earlier,
    the next file could get the same inode, and SQLite would take the two for one.
    """
    path = str(Path(tempfile.mkdtemp(prefix=STAGING)) / "staging.db")
    with adbc.connect(path, autocommit=True) as connection, connection.cursor() as cursor:
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.adbc_ingest("staged", frame.to_arrow(), mode="create")
    own = session.connection()
    names = own.exec_driver_sql("PRAGMA database_list").all()
    schema = f"staging_{len(names)}"
    own.exec_driver_sql(f"ATTACH DATABASE '{path}' AS {schema}")
    return f"{schema}.staged"
