"""Large reads inside the open transaction, its own writes included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import Select
from sqlalchemy.orm import Session

from data.bulk import is_sqlite, read_committed


def read_fresh(session: Session, statement: Select[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """The statement's rows as a frame of this schema, columns by position. No parameters in it.

    Slower than `read_committed` on SQLite, where that one looks from outside, but half the time of
    `read_frame`: the driver's own tuples, without SQLAlchemy's rows around them.
    """
    session.flush()  # the driver knows nothing of what the session still holds back
    bound = session.get_bind()
    sql = str(statement.compile(dialect=bound.dialect, compile_kwargs={"literal_binds": True}))
    if not is_sqlite(session):
        return read_committed(session, sql, schema)
    result = session.connection().exec_driver_sql(sql)
    cursor = result.cursor
    assert cursor is not None
    raw = {name: _stored(kind) for name, kind in schema.items()}
    frame = pl.DataFrame(cursor.fetchall(), schema=raw, orient="row")
    result.close()
    return frame.select(_cast(name, kind) for name, kind in schema.items())


def _stored(kind: Any) -> Any:
    """How SQLite hands a value over: days as text, truth and moments as whole numbers."""
    if kind == pl.Date:
        return pl.String
    return pl.Int64 if kind == pl.Boolean or isinstance(kind, pl.Datetime) else kind


def _cast(name: str, kind: Any) -> pl.Expr:
    if kind == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d")
    return pl.col(name).cast(kind)
