"""Rows out of the database as frames. Both functions see what the open transaction has written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Executable, Select, literal, select, text
from sqlalchemy.orm import Session

from data.bulk import postgres
from data.bulk.snapshot import reading_file
from data.bulk.sqlite import is_sqlite
from data.bulk.writing import MANY, has_written

PIECE = 200_000
"""Rows turned into columns at a time, so that a million Python tuples never stand side by side."""


def read_frame(
    session: Session, statement: Executable | str, schema: Mapping[str, Any], **params: Any
) -> pl.DataFrame:
    """The statement's rows as a frame of this schema, columns by position. Sees the open transaction."""
    result = (
        session.execute(text(statement), params)
        if isinstance(statement, str)
        else session.execute(statement, params)
    )
    rows = [tuple(row) for row in result.all()]
    return pl.DataFrame(rows, schema=dict(schema), orient="row", strict=False)


def read_large(
    session: Session, statement: Select[*tuple[Any, ...]] | str, schema: Mapping[str, Any]
) -> pl.DataFrame:
    """As `read_frame`, for many rows; no parameters. Postgres streams them out through COPY.

    On SQLite these are the driver's own tuples, half the time of SQLAlchemy's rows. A second SQLite
    library (ADBC brings one) would read faster, but must never open the database file itself: when
    it closes it, the process loses the locks that the driver holds on that file.
    """
    session.flush()  # the driver knows nothing of what the session still holds back
    if not isinstance(statement, str):
        statement = _spelled(session, statement)
    if not is_sqlite(session):
        return _typed(postgres.copy_out(session, statement, schema), schema)
    stored = {name: _stored(kind) for name, kind in schema.items()}
    result = session.connection().exec_driver_sql(statement)
    cursor = result.cursor
    assert cursor is not None
    pieces = [pl.DataFrame(schema=stored)]
    while rows := cursor.fetchmany(PIECE):
        pieces.append(pl.DataFrame(rows, schema=stored, orient="row", strict=False))
    result.close()
    return _typed(pl.concat(pieces), schema)


@contextmanager
def reading_beside(
    session: Session, statement: Select[*tuple[Any, ...]], schema: Mapping[str, Any]
) -> Iterator[Callable[[], pl.DataFrame]]:
    """As `read_large`, for rows of one table that are needed later in a transaction that will write.

    On SQLite another process reads them while the caller does other things; the function given waits
    for it. That process sees what is committed, so what this transaction does to the table beforehand
    has to go through the functions of this package: then it is noticed, and nothing is read beside.
    """
    database = session.get_bind().engine.url.database
    if not is_sqlite(session) or not database or not _may_be_beside(session, statement):
        yield partial(read_large, session, statement, schema)
        return
    stored = {name: _stored(kind) for name, kind in schema.items()}
    form = pl.DataFrame(schema=stored).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    with reading_file(database, _spelled(session, statement), form) as path:

        def rows() -> pl.DataFrame:
            found = path()
            if found is None:
                return read_large(session, statement, schema)
            return _typed(pl.read_ipc(found), schema)

        yield rows


def _may_be_beside(session: Session, statement: Select[*tuple[Any, ...]]) -> bool:
    """Whether what is committed is what this transaction sees, and starting a process pays."""
    read_only = session.connection().get_execution_options().get("read_only")
    if read_only or any(has_written(session, table) for table in statement.get_final_froms()):
        return False
    enough = select(literal(1)).select_from(statement.offset(MANY).limit(1).subquery())
    return session.execute(enough).first() is not None


def _spelled(session: Session, statement: Select[*tuple[Any, ...]]) -> str:
    dialect = session.get_bind().dialect
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


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
        read = zoneless.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
        return read.dt.replace_time_zone(kind.time_zone)
    return column.cast(kind)
