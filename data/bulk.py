"""Frames in and out of the database at the drivers' own speed, inside the session's transaction.

SQLAlchemy's row-by-row inserts are four to five times slower than what either driver can do, so the
bulk path goes beneath it: on SQLite the frame becomes a staging file that is attached and copied with
one INSERT … SELECT, on Postgres it is streamed through COPY.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import adbc_driver_sqlite.dbapi as adbc
import polars as pl
from sqlalchemy import (
    Constraint,
    Executable,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import AddConstraint, DropConstraint

from data.types import STAGING, UtcDateTime

MANY = 100_000
"""Rows from which an empty table's indexes are built after the load."""
PIECE = 200_000
"""Rows turned into columns at a time, so that a million Python tuples never stand side by side."""
SMALL = 2_000
"""Rows up to which plain executemany beats the set-up cost of the staging file."""


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def insert_frame(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Add the frame's rows; its columns are columns of the table, moments as UTC Datetime('us').

    Sort it by primary key first: both databases write sorted keys much faster.
    """
    if frame.is_empty():
        return
    with _without_indexes(session, table, frame.height):
        if is_sqlite(session):
            _sqlite_insert(session, table, _for_sqlite(table, frame))
        else:
            _copy(session, _quoted(table), frame)


@contextmanager
def _without_indexes(session: Session, table: Table, coming: int) -> Iterator[None]:
    """Build the indexes after the rows when an empty table is about to get very many of them."""
    connection = session.connection()
    if coming < MANY or connection.execute(select(literal(1)).select_from(table).limit(1)).first():
        yield
        return
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


def update_frame(session: Session, table: Table, frame: pl.DataFrame, keys: Sequence[str]) -> None:
    """Set the frame's other columns where `keys` are equal. Rows that are not there stay absent."""
    _with_staged(session, table, frame, _update_statement(session, table, frame.columns, keys))


def upsert_frame(session: Session, table: Table, frame: pl.DataFrame, keys: Sequence[str]) -> None:
    """Insert, or set the other columns where a row with these keys is there already."""
    columns = ", ".join(frame.columns)
    others = [c for c in frame.columns if c not in keys]
    action = "DO UPDATE SET " + ", ".join(f"{c}=excluded.{c}" for c in others) if others else "DO NOTHING"
    _with_staged(
        session,
        table,
        frame,
        f"INSERT INTO {_quoted(table)} ({columns}) SELECT {columns} FROM {{staged}} WHERE true "
        f"ON CONFLICT ({', '.join(keys)}) {action}",
    )


def delete_frame(session: Session, table: Table, frame: pl.DataFrame) -> None:
    """Remove the rows whose columns equal those of a row of the frame."""
    same = " AND ".join(f"{_quoted(table)}.{c}=s.{c}" for c in frame.columns)
    _with_staged(
        session,
        table,
        frame,
        f"DELETE FROM {_quoted(table)} WHERE EXISTS (SELECT 1 FROM {{staged}} s WHERE {same})",
    )


def read_frame(
    session: Session, statement: Executable | str, schema: Mapping[str, Any], **params: Any
) -> pl.DataFrame:
    """The statement's rows as a frame of this schema, columns by position. Sees the open transaction."""
    result = session.execute(text(statement), params) if isinstance(statement, str) else session.execute(
        statement, params
    )
    rows = [tuple(row) for row in result.all()]
    return pl.DataFrame(rows, schema=dict(schema), orient="row", strict=False)


def read_large(
    session: Session, statement: Select[Any] | str, schema: Mapping[str, Any]
) -> pl.DataFrame:
    """As `read_frame`, for many rows; no parameters. Postgres streams them out through COPY.

    On SQLite these are the driver's own tuples, half the time of SQLAlchemy's rows. A second SQLite
    library (ADBC brings one) would read faster, but must never open the database file itself: when
    it closes it, the process loses the locks that the driver holds on that file.
    """
    session.flush()  # the driver knows nothing of what the session still holds back
    if not isinstance(statement, str):
        dialect = session.get_bind().dialect
        statement = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    if not is_sqlite(session):
        return _typed(_copy_out(session, statement, schema), schema)
    stored = {name: _stored(kind) for name, kind in schema.items()}
    result = session.connection().exec_driver_sql(statement)
    cursor = result.cursor
    assert cursor is not None
    pieces = [pl.DataFrame(schema=stored)]
    while rows := cursor.fetchmany(PIECE):
        pieces.append(pl.DataFrame(rows, schema=stored, orient="row", strict=False))
    result.close()
    return _typed(pl.concat(pieces), schema)


read_committed = read_large


def _stored(kind: Any) -> Any:
    """How SQLite hands a value over: days as text, truth and moments as whole numbers."""
    if kind == pl.Date:
        return pl.String
    return pl.Int64 if kind == pl.Boolean or isinstance(kind, pl.Datetime) else kind


def _typed(frame: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    return frame.select(_cast(frame, name, kind) for name, kind in schema.items())


def _cast(frame: pl.DataFrame, name: str, kind: Any) -> pl.Expr:
    found, column = frame.schema[name], pl.col(name)
    if found == kind:
        return column
    if found == pl.String and kind == pl.Boolean:
        return column.is_in(["t", "true", "1"]).alias(name)
    if found == pl.String and kind == pl.Date:
        return column.str.to_date("%Y-%m-%d")
    if found == pl.String and isinstance(kind, pl.Datetime):
        zoneless = column.str.replace(r"\+00$", "")
        return zoneless.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
    return column.cast(kind)


def _quoted(table: Table) -> str:
    return f'"{table.name}"'


def _for_sqlite(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
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


def _sqlite_insert(session: Session, table: Table, frame: pl.DataFrame) -> None:
    columns = ", ".join(frame.columns)
    if frame.height <= SMALL:
        marks = ", ".join("?" * frame.width)
        session.connection().exec_driver_sql(
            f"INSERT INTO {_quoted(table)} ({columns}) VALUES ({marks})", frame.rows()
        )
        return
    staged = _attach(session, frame)
    session.connection().exec_driver_sql(
        f"INSERT INTO {_quoted(table)} ({columns}) SELECT {columns} FROM {staged}"
    )


def _with_staged(session: Session, table: Table, frame: pl.DataFrame, statement: str) -> None:
    """Run a statement whose `{staged}` is the frame as a table of its own."""
    if frame.is_empty():
        return
    if is_sqlite(session):
        _sqlite_staged(session, table, _for_sqlite(table, frame), statement)
        return
    columns = ", ".join(frame.columns)
    connection = session.connection()
    connection.exec_driver_sql("DROP TABLE IF EXISTS pg_temp.staged")
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {columns} FROM {_quoted(table)} LIMIT 0"
    )
    _copy(session, "staged", frame)
    connection.exec_driver_sql(statement.format(staged="staged"))


def _sqlite_staged(session: Session, table: Table, frame: pl.DataFrame, statement: str) -> None:
    connection = session.connection()
    if frame.height > SMALL:
        connection.exec_driver_sql(statement.format(staged=_attach(session, frame)))
        return
    columns, marks = ", ".join(frame.columns), ", ".join("?" * frame.width)
    connection.exec_driver_sql("DROP TABLE IF EXISTS temp.staged")
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE staged AS SELECT {columns} FROM {_quoted(table)} LIMIT 0"
    )
    connection.exec_driver_sql(
        f"INSERT INTO temp.staged ({columns}) VALUES ({marks})", frame.rows()
    )
    connection.exec_driver_sql(statement.format(staged="temp.staged"))


def _update_statement(
    session: Session, table: Table, columns: Sequence[str], keys: Sequence[str]
) -> str:
    sets = ", ".join(f"{c}=s.{c}" for c in columns if c not in keys)
    same = " AND ".join(f"{_quoted(table)}.{c}=s.{c}" for c in keys)
    return f"UPDATE {_quoted(table)} SET {sets} FROM {{staged}} s WHERE {same}"


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


def _copy(session: Session, target: str, frame: pl.DataFrame) -> None:
    columns = ", ".join(frame.columns)
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(
        f"COPY {target} ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')"
    ) as stream:
        for piece in frame.iter_slices(100_000):
            stream.write(_csv(piece))


def _csv(frame: pl.DataFrame) -> bytes:
    """Text is always quoted, so that an empty string and a missing value stay apart."""
    body: Any = frame.write_csv(
        include_header=False,
        null_value="\\N",
        quote_style="non_numeric",
        datetime_format="%Y-%m-%d %H:%M:%S%.6f+00",
    )
    return body.encode()


def _copy_out(session: Session, sql: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(
        f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE *)"
    ) as stream:
        body = b"".join(bytes(piece) for piece in stream)
    names = list(schema)
    if not body:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.read_csv(
        body, has_header=False, new_columns=names, infer_schema=False, null_values="\\N"
    )
