"""Databases to measure on: SQLite files, and a Postgres that writes as safely as a real one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import URL

from tests.support.postgres import conninfo, postgres_server


class Databases(Protocol):
    """`fresh` makes an empty database, or a copy of another one, and gives its URL."""

    name: str

    def fresh(self, name: str, copy_of: str | None = None) -> str: ...

    def drop(self, name: str) -> None: ...


class SqliteFiles:
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        return self._folder / f"{name}.db"

    def fresh(self, name: str, copy_of: str | None = None) -> str:
        self.drop(name)
        if copy_of:
            for end in ("", "-wal"):
                there = self.path(copy_of).with_name(f"{copy_of}.db{end}")
                if there.exists():
                    shutil.copyfile(there, self._folder / f"{name}.db{end}")
        return f"sqlite:///{self.path(name)}"

    def drop(self, name: str) -> None:
        for file in self._folder.glob(f"{name}.db*"):
            file.unlink()


class PostgresDatabases:
    name = "Postgres"

    def __init__(self, server: URL) -> None:
        self._server = server

    def fresh(self, name: str, copy_of: str | None = None) -> str:
        self.drop(name)
        create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if copy_of:
            create += sql.SQL(" TEMPLATE {}").format(sql.Identifier(copy_of))
        self._run(create)
        return self.url_of(name)

    def url_of(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(conninfo(self._server), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def postgres() -> Iterator[PostgresDatabases]:
    """A private server that syncs every commit, or the one `TEST_DATABASE_URL` names."""
    with postgres_server(durable=True) as server:
        yield PostgresDatabases(server)
