"""Bulk reads and writes on Postgres: COPY, in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import polars as pl
from sqlalchemy import Table
from sqlalchemy.orm import Session

PIECE = 100_000
"""Rows spelled out at a time."""


@contextmanager
def copying(session: Session, target: str, frame: pl.DataFrame) -> Iterator[Callable[[], None]]:
    """Spell out a frame beside the caller's work; the function given sends it to the table."""
    with ThreadPoolExecutor(1) as beside:
        pieces = [beside.submit(_csv, piece) for piece in frame.iter_slices(PIECE)]
        try:
            yield lambda: _send(session, target, frame.columns, pieces)
        finally:
            beside.shutdown(cancel_futures=True)


def _send(session: Session, target: str, columns: list[str], pieces: list[Future[bytes]]) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    names = ", ".join(columns)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {target} ({names}) FROM STDIN (FORMAT csv, NULL '\\N')") as stream,
    ):
        while pieces:
            stream.write(pieces.pop(0).result())


def _csv(frame: pl.DataFrame) -> bytes:
    """Text is always quoted, so that an empty string and a missing value stay apart."""
    body: Any = frame.write_csv(
        include_header=False,
        null_value="\\N",
        quote_style="non_numeric",
        datetime_format="%Y-%m-%d %H:%M:%S%.6f+00",
    )
    return body.encode()


def copy_out(session: Session, sql: str, schema: Mapping[str, Any]) -> pl.DataFrame:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE *)") as stream,
    ):
        body = b"".join(bytes(piece) for piece in stream)
    names = list(schema)
    if not body:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.read_csv(
        body, has_header=False, new_columns=names, infer_schema=False, null_values="\\N"
    )


def with_staged(session: Session, table: Table, frame: pl.DataFrame, statement: str) -> None:
    """Run a statement whose `{staged}` is the frame as a temporary table."""
    columns = ", ".join(frame.columns)
    connection = session.connection()
    connection.exec_driver_sql("DROP TABLE IF EXISTS pg_temp.staged")
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {columns} FROM {table.name} LIMIT 0"
    )
    with copying(session, "staged", frame) as copy:
        copy()
    connection.exec_driver_sql(statement.format(staged="staged"))
