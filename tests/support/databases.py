"""A fresh, migrated database for each test, by copying one that was migrated once."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import URL, Engine, event
from sqlalchemy.util import LRUCache

from data.db import make_engine, migrate
from tests.support.postgres import conninfo

DIALECTS = ("sqlite", "postgres")
# From this version a database can be copied file by file, which is twice as fast.
_FILE_COPY_SINCE = 150_000
_STATEMENTS = 2_000
_first: dict[str, Engine] = {}
"""The first engine of each dialect."""


def sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file."""
    path = folder / "template.db"
    engine = experienced(make_engine(f"sqlite:///{path}"))
    migrate(engine)
    with engine.connect() as connection:
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@contextmanager
def sqlite_database(template: Path, folder: Path) -> Generator[Engine]:
    """A copy of the template that does not wait for the disk."""
    path = folder / "test.db"
    shutil.copyfile(template, path)
    engine = experienced(make_engine(f"sqlite:///{path}"))
    event.listen(engine, "connect", _without_sync)
    try:
        yield engine
    finally:
        engine.dispose()


def experienced(engine: Engine) -> Engine:
    """The engine with what earlier ones of this process have compiled, and learned of the server.

    The app has one engine and compiles each statement once. With an engine for each test, that would be
    more work than the test. The template's is the first: it has been connected by the time of the second.
    """
    first = _first.setdefault(engine.dialect.name, engine)
    if first is engine:
        engine._compiled_cache = LRUCache(_STATEMENTS)
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def _without_sync(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def postgres_template(server: URL) -> Generator[URL]:
    """A migrated database on the server, there while the block runs."""
    with created(server, f"cscx_test_{uuid4().hex[:12]}") as template:
        engine = experienced(make_engine(template.render_as_string(hide_password=False)))
        migrate(engine)
        engine.dispose()
        yield template


@contextmanager
def postgres_database(template: URL) -> Generator[Engine]:
    """A copy of the template, dropped at the end even when the test left a connection behind."""
    with created(
        template.set(database="postgres"), f"cscx_test_{uuid4().hex[:12]}", template
    ) as url:
        engine = experienced(make_engine(url.render_as_string(hide_password=False)))
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def created(server: URL, name: str, template: URL | None = None) -> Generator[URL]:
    """A new database on the server, a copy of `template` if there is one, dropped at the end."""
    with psycopg.connect(conninfo(server), autocommit=True) as connection:
        create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            create += sql.SQL(" TEMPLATE {}").format(sql.Identifier(str(template.database)))
            if connection.info.server_version >= _FILE_COPY_SINCE:
                create += sql.SQL(" STRATEGY file_copy")
        connection.execute(create)
        try:
            yield server.set(database=name)
        finally:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )
