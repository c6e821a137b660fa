"""Engine, sessions and the only place that commits."""

from __future__ import annotations

import math
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from data.errors import InTheWay
from data.settings import settings
from data.texts import json_text, refuse_what_cannot_be_kept
from data.types import STAGING

Transact = Callable[[], AbstractContextManager[Session]]
"""What opens a transaction: `transaction`, or a test's own."""

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_AFTERWARDS = "afterwards"
TIDYING = "tidying up after a bulk write"
WAITED_IN_VAIN = {"40P01", "40001", "55P03"}
"""Postgres' codes for two that wait for each other, and for one that waited too long for another."""
CHECKPOINT_PAGES = 1_000
"""SQLite's own figure: a commit that leaves a longer log folds it into the file, and waits."""


def make_engine(url: str) -> Engine:
    """An engine for a SQLite or Postgres URL, set up so that no update is ever lost.

    SQLite: every transaction takes the write lock at once (`BEGIN IMMEDIATE`) unless it was opened
    read-only; otherwise two readers that both mean to write would overwrite or starve each other.
    """
    made = _engine(url)
    refuse_what_cannot_be_kept(made)
    return made


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            parsed,
            connect_args={"timeout": 30},
            pool_size=20,
            max_overflow=20,
            hide_parameters=True,  # addresses and bodies stay out of error messages
            json_serializer=json_text,
        )
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        event.listen(engine, "checkin", _sqlite_detach)
        return engine
    engine = create_engine(
        parsed,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        pool_recycle=1800,
        hide_parameters=True,
        json_serializer=json_text,
        connect_args={
            "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=300s -c timezone=UTC"
        },
    )
    event.listen(engine, "connect", _postgres_connect)
    return engine


def _postgres_connect(connection: Any, _record: object) -> None:
    """What others post is kept as it came, and Postgres' own way to compress it costs several times as much.
    Not every server has been built with the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config(name, 'lz4', false) FROM pg_settings"
            " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
        )
    connection.commit()


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, not the driver's late one
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "secure_delete=ON",  # not every SQLite is built with it
        "trusted_schema=OFF",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    _sqlite_logarithms(connection)


def _sqlite_logarithms(connection: Any) -> None:
    """Not every SQLite is built with them; Python's own are slower."""
    try:
        connection.execute("SELECT ln(1), exp(0)")
    except sqlite3.OperationalError:
        connection.create_function("ln", 1, math.log, deterministic=True)
        connection.create_function("exp", 1, math.exp, deterministic=True)


def _sqlite_begin(connection: Any) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _sqlite_detach(connection: Any, _record: object) -> None:
    """Let go of staging files that bulk writes attached (see data.bulk), and tidy up beside what follows."""
    if connection is None:
        return
    attached = connection.execute("PRAGMA database_list").fetchall()
    staged = [(name, file) for _, name, file in attached if name.startswith("staging_")]
    if not staged:
        return
    for name, _ in staged:
        connection.execute(f"DETACH DATABASE {name}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    folders = [Path(file).parent for _, file in staged if STAGING in file]
    threading.Thread(target=_tidy_up, args=(attached[0][2], folders), name=TIDYING).start()


def _tidy_up(database: str, folders: Sequence[Path]) -> None:
    """Remove what was staged, and fold the log of a bulk write into the database file.

    The commit itself is on disk by then. Nobody waits for this; should it not come about, the next
    commit does it.
    """
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if database and Path(database).exists():
        there = f"{Path(database).absolute().as_uri()}?mode=rw"  # never to make it anew
        with suppress(sqlite3.Error), closing(sqlite3.connect(there, uri=True)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The application's engine."""
    return make_engine(settings().url)


@contextmanager
def transaction(on: Engine | None = None, *, read_only: bool = False) -> Iterator[Session]:
    """A session that commits when the block ends and rolls back when it raises.

    `read_only` lets SQLite readers go on while somebody writes. InTheWay when it and another waited for each
    other, or it did so for too long.
    """
    session = _sessions(on or engine(), read_only=read_only)()
    try:
        yield session
        session.commit()
    except BaseException as error:
        session.rollback()
        if _waited_in_vain(error):
            raise InTheWay(
                "Somebody else was changing the same in this moment, so nothing of yours was kept."
                " Please try again."
            ) from error
        raise
    finally:
        session.close()
    for then in session.info.get(_AFTERWARDS, ()):
        then()


def _waited_in_vain(error: BaseException) -> bool:
    """Of SQLite, whose drivers and versions give different codes, its words tell."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlstate", None) in WAITED_IN_VAIN or (
        isinstance(cause, sqlite3.OperationalError) and "is locked" in str(cause)
    )


def afterwards(session: Session, then: Callable[[], object]) -> None:
    """Have `then` called when the transaction is committed, and not when it is rolled back. It must not raise:
    what was done is done."""
    session.info.setdefault(_AFTERWARDS, []).append(then)


@lru_cache(maxsize=8)
def _sessions(on: Engine, *, read_only: bool) -> sessionmaker[Session]:
    """Kept, since making one takes as long as a small query."""
    return sessionmaker(on.execution_options(read_only=read_only), expire_on_commit=False)


def migrate(on: Engine | None = None) -> None:
    """Bring the database to the newest schema; nothing happens when it is there already.

    Of a database that holds something a copy is kept first: see data.before_migrating.
    """
    # Only one process of an installation migrates, and what it takes to do so is slow to import.
    from alembic import command
    from alembic.config import Config

    from data.before_migrating import back_up

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = on or engine()
    back_up(on or engine(), config)
    command.upgrade(config, "head")
