"""Rows out of the database as frames. Both functions see what the open transaction has written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import Executable, Select, text
from sqlalchemy.orm import Session

from data.bulk import postgres
from data.bulk.sqlite import is_sqlite

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
        dialect = session.get_bind().dialect
        statement = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
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
