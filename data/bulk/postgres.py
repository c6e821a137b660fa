"""Bulk reads and writes on Postgres: COPY, in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Table
from sqlalchemy.orm import Session

from data.bulk import binary

PIECE = 100_000
"""Rows spelled out at a time."""


@contextmanager
def copying(
    session: Session, table: Table, frame: pl.DataFrame, *, target: str | None = None
) -> Iterator[Callable[[], None]]:
    """Spell out a frame beside the caller's work; the function given sends it to the table.

    `target` is another table with the same columns.
    """
    exact = binary.fits(table, frame.columns)
    spell = partial(binary.rows, table) if exact else _csv
    form = "binary" if exact else "csv, NULL '\\N'"
    names = ", ".join(frame.columns)
    statement = f"COPY {target or table.name} ({names}) FROM STDIN (FORMAT {form})"
    with ThreadPoolExecutor(1) as beside:
        pieces = [beside.submit(spell, piece) for piece in frame.iter_slices(PIECE)]
        if exact:
            pieces = [_ready(binary.HEAD), *pieces, _ready(binary.TAIL)]
        try:
            yield lambda: _send(session, statement, pieces)
        finally:
            beside.shutdown(cancel_futures=True)


def _ready(body: bytes) -> Future[bytes]:
    done: Future[bytes] = Future()
    done.set_result(body)
    return done


def _send(session: Session, statement: str, pieces: list[Future[bytes]]) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(statement) as stream:
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
    with copying(session, table, frame, target="staged") as copy:
        copy()
    connection.exec_driver_sql(statement.format(staged="staged"))
