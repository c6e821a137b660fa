"""A restore, rehearsed: whether a backup can be trusted is known once it has been restored."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, func, select, text

from data import pg_programs
from data.db import make_engine, migrate
from data.errors import AppError, BadInput, NotFound
from data.tables import Base

_ARCHIVE = b"PGDMP"
_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Rehearsed:
    """`revision`: the schema in the backup, `newest`: what it became. `rows`: by table, those that have any."""

    path: str
    database: str
    revision: str | None
    newest: str | None
    rows: dict[str, int]


def rehearse(engine: Engine, backup: Path) -> Rehearsed:
    """Restore `backup` somewhere else, check it, bring it to the newest schema, count it, throw it away.

    SQLite: in a temporary folder. Postgres: in a database of its own on the server of `engine`, which needs
    the right to make one. AppError with what is wrong with it. The backup and the app's data stay as they are.
    """
    backup = backup.absolute()
    if not backup.is_file():
        raise NotFound(f"There is no backup {backup}. Check the path.")
    with backup.open("rb") as file:
        head = file.read(len(_SQLITE))
    if head == _SQLITE:
        with _in_a_folder(backup) as restored:
            return _looked_at(restored, backup)
    if head.startswith(_ARCHIVE):
        with _in_a_database(engine, backup) as restored:
            return _looked_at(restored, backup)
    raise BadInput(f"{backup.name} is no backup of this app. Make one with: python admin.py backup")


def _looked_at(restored: Engine, backup: Path) -> Rehearsed:
    with restored.connect() as connection:
        before = _revision(connection)
    if before is None:
        raise AppError(f"{backup.name} holds no data of this app. Make another backup.")
    migrate(restored)
    with restored.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
        rows = {name: count for name, count in counts.items() if count}
        return Rehearsed(str(backup), restored.dialect.name, before, _revision(connection), rows)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _in_a_folder(backup: Path) -> Iterator[Engine]:
    """Copied, so that nothing is written beside the backup."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        copy = Path(folder) / "restored.db"
        shutil.copyfile(backup, copy)
        _check_pages(copy)
        restored = make_engine(f"sqlite:///{copy}")
        try:
            yield restored
        finally:
            restored.dispose()


def _check_pages(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as opened:
            whole = opened.execute("PRAGMA integrity_check").fetchone()[0]
            loose = opened.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        whole, loose = str(error), []
    if whole != "ok":
        raise AppError(f"The backup is damaged: {whole}. Use an older one, and check the disk.")
    if loose:
        raise AppError(f"{len(loose):,} rows of the backup refer to rows that are not in it.")


@contextmanager
def _in_a_database(engine: Engine, backup: Path) -> Iterator[Engine]:
    if engine.dialect.name == "sqlite":
        raise BadInput("This is a backup of a Postgres database: set DATABASE_URL to its server.")
    name = f"cscx_rehearsal_{uuid4().hex[:12]}"
    url = engine.url.set(database=name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        try:
            pg_programs.run("pg_restore", url, "--exit-on-error", "--no-owner", str(backup))
            restored = make_engine(url.render_as_string(hide_password=False))
            try:
                yield restored
            finally:
                restored.dispose()
        finally:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
