"""Engine, sessions and the only place that commits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from data.settings import settings
from data.types import STAGING

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


def make_engine(url: str) -> Engine:
    """An engine for a SQLite or Postgres URL, set up so that no update is ever lost.

    SQLite: every transaction takes the write lock at once (`BEGIN IMMEDIATE`) unless it was opened
    read-only; otherwise two readers that both mean to write would overwrite or starve each other.
    """
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
        )
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        event.listen(engine, "checkin", _sqlite_detach)
        return engine
    return create_engine(
        parsed,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=300s -c timezone=UTC"
        },
    )


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN, not the driver's late one
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _sqlite_detach(connection: Any, _record: object) -> None:
    """Let go of staging files that bulk writes attached (see data.bulk)."""
    if connection is None:
        return
    for _, name, file in connection.execute("PRAGMA database_list").fetchall():
        if name.startswith("staging_"):
            connection.execute(f"DETACH DATABASE {name}")
            if STAGING in file:
                shutil.rmtree(Path(file).parent, ignore_errors=True)


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The application's engine."""
    return make_engine(settings().url)


@contextmanager
def transaction(on: Engine | None = None, *, read_only: bool = False) -> Iterator[Session]:
    """A session that commits when the block ends and rolls back when it raises.

    `read_only` lets SQLite readers go on while somebody writes.
    """
    factory = sessionmaker(
        (on or engine()).execution_options(read_only=read_only), expire_on_commit=False
    )
    session = factory()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def migrate(on: Engine | None = None) -> None:
    """Bring the database to the newest schema; nothing happens when it is there already."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = on or engine()
    command.upgrade(config, "head")
