"""What was deleted or changed goes from the database's own files, as far as the database lets us."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from data.tables import Base

log = logging.getLogger(__name__)


def overwrite(on: Engine, *, patience: float) -> bool:
    """Whether nothing is left of it. SQLite: in the file and its log; False where somebody reads or writes
    for longer than `patience` seconds, or the disk is full. Postgres: its rows are free to be written over,
    and its statistics are made anew; when it writes there is its own affair."""
    try:
        return _rewritten(on, patience) if on.dialect.name == "sqlite" else _vacuumed(on)
    except (sqlite3.Error, SQLAlchemyError) as error:
        log.warning("not overwritten reason=%s", type(error).__name__)
        return False


def size(on: Engine) -> int:
    """Bytes of a SQLite database; 0 of one that is on a server."""
    file = Path(str(on.url.database))
    return file.stat().st_size if on.dialect.name == "sqlite" and file.exists() else 0


def _rewritten(on: Engine, patience: float) -> bool:
    """Anew, since `secure_delete` overwrites what is deleted, but not what is left behind when rows move to
    another page. A reader may hold the log, which still has the former pages: then it is not done."""
    there = f"{Path(str(on.url.database)).absolute().as_uri()}?mode=rw"  # never to make it anew
    with closing(sqlite3.connect(there, uri=True, timeout=patience, isolation_level=None)) as raw:
        raw.execute("VACUUM")
        held, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not held


def _vacuumed(on: Engine) -> bool:
    with on.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in Base.metadata.sorted_tables:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {table.name}")
    return True
