"""Bulk writes to SQLite: frames become staging files that are attached."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import CheckConstraint, Table
from sqlalchemy.orm import Session

from data.bulk.pages import PAGE, fill
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


@contextmanager
def inserting(
    session: Session, table: Table, frame: pl.DataFrame, *, twin: bool, ready: Callable[[], None]
) -> Iterator[Callable[[], None]]:
    """Stage a frame beside the caller's work; the function given adds its rows to the table, and calls
    `ready` when all of them are staged.

    With `twin` the staged table has the definition and the indexes of the real one. If that is empty
    and has no foreign keys, SQLite then copies finished records and index entries as they are, which
    is several times faster than making them anew; otherwise it goes row by row all the same.
    """
    if frame.height <= SMALL:
        ready()
        yield partial(_insert_rows, session, table, frame)
        return
    columns = ", ".join(frame.columns)
    statement = f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM "
    if twin:
        statement = f"INSERT INTO {table.name} SELECT * FROM "
    with _staging(table, frame, like=_definition(session, table) if twin else ()) as attach:

        def insert() -> None:
            staged = attach(session)
            ready()
            session.connection().exec_driver_sql(statement + staged)

        yield insert


def _insert_rows(session: Session, table: Table, frame: pl.DataFrame) -> None:
    columns, marks = ", ".join(frame.columns), ", ".join("?" * frame.width)
    session.connection().exec_driver_sql(
        f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", as_stored(table, frame).rows()
    )


def with_staged(session: Session, table: Table, frame: pl.DataFrame, statement: str) -> None:
    """Run a statement whose `{staged}` is the frame as a table."""
    connection = session.connection()
    if frame.height > SMALL:
        with _staging(table, frame) as attach:
            connection.exec_driver_sql(statement.format(staged=attach(session)))
        return
    frame = as_stored(table, frame)
    columns, marks = ", ".join(frame.columns), ", ".join("?" * frame.width)
    connection.exec_driver_sql("DROP TABLE IF EXISTS temp.staged")
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE staged AS SELECT {columns} FROM {table.name} LIMIT 0"
    )
    connection.exec_driver_sql(
        f"INSERT INTO temp.staged ({columns}) VALUES ({marks})", frame.rows()
    )
    connection.exec_driver_sql(statement.format(staged="temp.staged"))


def _definition(session: Session, table: Table) -> Sequence[str]:
    """The statements that made the table and its indexes, the table's first."""
    statement = (
        "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL "
        "ORDER BY type = 'table' DESC, name"
    )
    found = session.connection().exec_driver_sql(statement, (table.name,))
    return [row[0] for row in found]


@contextmanager
def _staging(
    table: Table, frame: pl.DataFrame, *, like: Sequence[str] = ()
) -> Iterator[Callable[[Session], str]]:
    """A thread writes the frame to a database file; the function given attaches it.

    It waits for the file and gives the staged table's name. `like`: see `_definition`.
    """
    folder = tempfile.mkdtemp(prefix=STAGING)
    path = str(Path(folder) / "staging.db")
    attached: list[str] = []

    def attach(session: Session) -> str:
        written.result()
        attached.append(_attach(session, path))
        return f"{attached[-1]}.{table.name}"

    with ThreadPoolExecutor(1) as beside:
        written = beside.submit(_write, path, table, frame, like)
        try:
            yield attach
        finally:
            written.exception()  # nobody may be writing there any more
            if not attached:
                shutil.rmtree(folder, ignore_errors=True)


def _write(path: str, table: Table, frame: pl.DataFrame, like: Sequence[str]) -> None:
    rows = as_stored(table, frame)
    if like and _write_pages(path, table, rows, like):
        return
    import adbc_driver_sqlite.dbapi as adbc  # brings pandas along, which takes a second

    with adbc.connect(path, autocommit=True) as connection, connection.cursor() as cursor:
        for pragma in ("journal_mode=OFF", "synchronous=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
        for statement in like[:1]:
            cursor.execute(statement)
        cursor.adbc_ingest(table.name, rows.to_arrow(), mode="append" if like else "create")
        for statement in like[1:]:
            cursor.execute(statement)


def _write_pages(path: str, table: Table, rows: pl.DataFrame, like: Sequence[str]) -> bool:
    """The quick way; False, and no file is left, for rows that go in one by one or not at all."""
    later = [statement for statement in like if " WHERE " in statement]
    _run(path, f"PRAGMA page_size={PAGE}", *(s for s in like if s not in later))
    done = fill(Path(path), table.name, rows)
    if done:
        _run(path, *later)
        done = _is_sound(path, table, rows.height)
    if not done:
        Path(path).unlink()
    return done


def _is_sound(path: str, table: Table, height: int) -> bool:
    """Whether SQLite can read every row to its end, and none breaks a CHECK: copying looks at neither."""
    last = _run(path, f"PRAGMA table_info({table.name})")[-1][1]
    checks = [c.sqltext for c in table.constraints if isinstance(c, CheckConstraint)]
    broken = " OR ".join(f"NOT ({check})" for check in checks) or "0"
    found = _run(
        path,
        f"SELECT count(*), count({last}), coalesce(sum({broken}), 0) FROM {table.name} NOT INDEXED",
    )
    return found[0][0] == height and not found[0][2]


def _run(path: str, *statements: str) -> list[Any]:
    """The rows that the last one gives."""
    found: list[Any] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", *statements):
            found = connection.execute(statement).fetchall()
    return found


def _attach(session: Session, path: str) -> str:
    """Attach a staging file; gives its schema's name.

    It cannot be detached before the transaction ends, so each gets the next free name; `data.db`
    detaches and deletes them when the connection goes back to the pool. Deleted earlier, the next
    file could get the same inode, and SQLite would take the two for one.
    """
    connection = session.connection()
    names = connection.exec_driver_sql("PRAGMA database_list").all()
    schema = f"staging_{len(names)}"
    connection.exec_driver_sql(f"ATTACH DATABASE '{path}' AS {schema}")
    # Not while somebody waits for the commit: `data.db` sees to it afterwards.
    connection.exec_driver_sql("PRAGMA wal_autocheckpoint=0")
    return schema
