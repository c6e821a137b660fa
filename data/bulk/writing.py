"""Frames into tables. Statements are built from our own table and column names, never from data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext

import polars as pl
from sqlalchemy import (
    Constraint,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    literal,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import AddConstraint, DropConstraint

from data.bulk import postgres, sqlite
from data.bulk.sqlite import is_sqlite
from data.bulk.statistics import after_growth
from data.texts import refuse_in

MANY = 100_000
"""Rows from which an empty table's indexes are built after the load."""


def insert_frame(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Add the frame's rows; its columns are columns of the table, moments as UTC Datetime('us').

    Sort it by primary key first: both databases write sorted keys much faster.
    """
    with inserting(session, table, frame) as insert:
        insert()


def nothing() -> None:
    """What is done meanwhile when nothing is to do."""


@contextmanager
def inserting(
    session: Session, table: Table, frame: pl.DataFrame, *, ready: Callable[[], None] = nothing
) -> Iterator[Callable[[], None]]:
    """As `insert_frame`, for what is to be written later in the transaction.

    A thread makes the rows ready while the caller does other things; the function given waits for it
    and writes them. Nobody else may write to the table in between. A server is asked nothing before that.
    `ready` is called once the rows are ready and the database goes to work, which leaves a core free.
    """
    if frame.is_empty():
        yield ready
        return
    frame = frame.select(c.name for c in frame.iter_columns() if c.null_count() < frame.height)
    is_file = is_sqlite(session)
    twin = is_file and not table.foreign_keys and _is_first(session, table, frame)
    preparing = (
        sqlite.inserting(session, table, frame, twin=twin, ready=ready)
        if is_file
        else postgres.copying(session, table, frame)
    )
    with preparing as write, ThreadPoolExecutor(1) as beside:
        looking = beside.submit(refuse_in, frame)

        def insert() -> None:
            looking.result()
            _note(session, table)
            if not is_file:
                ready()  # the rows go out while the last ones are being made ready
            bare = not twin and _is_first(session, table, frame)
            with _without_indexes(session, table) if bare else nullcontext():
                write()
            after_growth(session, table, frame.height)

        yield insert


def update_frame(session: Session, table: Table, frame: pl.DataFrame, keys: Sequence[str]) -> None:
    """Set the frame's other columns where `keys` are equal. Rows that are not there stay absent."""
    _with_staged(session, table, frame, _update_statement(table, frame.columns, keys))


def upsert_frame(session: Session, table: Table, frame: pl.DataFrame, keys: Sequence[str]) -> None:
    """Insert, or set the other columns where a row with these keys is there already."""
    columns = ", ".join(frame.columns)
    others = [c for c in frame.columns if c not in keys]
    action = (
        "DO UPDATE SET " + ", ".join(f"{c}=excluded.{c}" for c in others)
        if others
        else "DO NOTHING"
    )
    _with_staged(
        session,
        table,
        frame,
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {{staged}} WHERE true "
        f"ON CONFLICT ({', '.join(keys)}) {action}",
    )


def insert_missing(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Add the rows that break no unique key; of those that do, what is there stays."""
    columns = ", ".join(frame.columns)
    statement = (
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {{staged}} WHERE true "
        "ON CONFLICT DO NOTHING"
    )
    _with_staged(session, table, frame, statement)


def delete_frame(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Remove the rows whose columns equal those of a row of the frame; its columns begin a key."""
    # As a list of values and not as EXISTS, which SQLite answers by reading the list for each row.
    columns = ", ".join(frame.columns)
    _with_staged(
        session,
        table,
        frame,
        f"DELETE FROM {table.name} WHERE ({columns}) IN (SELECT {columns} FROM {{staged}})",
    )


def has_written(session: Session, table: object) -> bool:
    """Whether one of these functions wrote to the table with this session."""
    return table in session.info.get("written", ())


def _note(session: Session, table: Table) -> None:
    session.info.setdefault("written", set()).add(table)


def _is_first(session: Session, table: Table, frame: pl.DataFrame) -> bool:
    """Whether these are many rows, and the first in their table."""
    if frame.height < MANY:
        return False
    return session.execute(select(literal(1)).select_from(table).limit(1)).first() is None


@contextmanager
def _without_indexes(session: Session, table: Table) -> Iterator[None]:
    """Build the indexes after the rows; for tables that are empty as yet."""
    connection = session.connection()
    uniques = [] if is_sqlite(session) else _unique_constraints(table)
    for index in table.indexes:
        index.drop(connection)
    for constraint in uniques:
        connection.execute(DropConstraint(constraint))
    yield
    for constraint in uniques:
        connection.execute(AddConstraint(constraint, isolate_from_table=False))
    for index in table.indexes:
        index.create(connection)


def _unique_constraints(table: Table) -> list[Constraint]:
    """Those that nothing else in the schema refers to, the primary key among them if possible."""
    referred = {fk.column for other in table.metadata.tables.values() for fk in other.foreign_keys}
    return [
        c
        for c in table.constraints
        if isinstance(c, UniqueConstraint | PrimaryKeyConstraint)
        and not referred.intersection(c.columns)
    ]


def _with_staged(session: Session, table: Table, frame: pl.DataFrame, statement: str) -> None:
    """Run a statement whose `{staged}` is the frame as a table of its own."""
    if frame.is_empty():
        return
    refuse_in(frame)
    _note(session, table)
    if is_sqlite(session):
        sqlite.with_staged(session, table, frame, statement)
    else:
        postgres.with_staged(session, table, frame, statement)
        after_growth(session, table, frame.height)


def _update_statement(table: Table, columns: Sequence[str], keys: Sequence[str]) -> str:
    sets = ", ".join(f"{c}=s.{c}" for c in columns if c not in keys)
    same = " AND ".join(f"{table.name}.{c}=s.{c}" for c in keys)
    return f"UPDATE {table.name} SET {sets} FROM {{staged}} s WHERE {same}"
