"""A copy of the database, made before its schema changes, so that there is a way back."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from data import pg_programs
from data.errors import AppError
from data.settings import settings

KEPT = 3
log = logging.getLogger(__name__)


def back_up(engine: Engine, config: Config) -> Path | None:
    """The copy, when a database that holds something is about to be changed; None when it is new or at
    the newest schema already. The last KEPT copies stay.

    SQLite: beside the database. AppError when it cannot be made: the schema must not change then.
    Postgres: for pg_restore, in the data folder. None when it cannot be made, such as without a pg_dump of
    the server's version: whoever runs a server has backups of it, and the log says that this one is missing.
    """
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.execution_options(read_only=True).connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    if at in (None, head):
        return None
    on_server = engine.dialect.name != "sqlite"
    name = Path(str(engine.url.database))
    database = settings().data_dir / "before-migrating" / name if on_server else name.absolute()
    copy = database.with_name(f"{database.name}.before-{at}-to-{head}")
    part = copy.with_name(f".{copy.name}-{os.getpid()}")
    try:
        copying = _dumped if on_server else _copied
        copying(engine, part)
        part.replace(copy)
    except (OSError, sqlite3.Error, AppError) as error:
        part.unlink(missing_ok=True)
        if on_server:
            log.warning("migrating without a backup from=%s to=%s reason=%s", at, head, error)
            return None
        raise AppError(
            f"No copy of the database could be made, so its schema was left as it is: {error}. "
            "Make room on the disk, or mend the folder's rights, and start again."
        ) from None
    _forget_old(database)
    log.info("backed up before migrating from=%s to=%s", at, head)
    return copy


def _dumped(engine: Engine, part: Path) -> None:
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _private(part)
    pg_programs.run("pg_dump", engine.url, "--format=custom", f"--file={part}")


def _copied(engine: Engine, part: Path) -> None:
    _private(part)
    there = f"{Path(str(engine.url.database)).absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(there, uri=True, timeout=60)) as source:
        source.execute("VACUUM INTO ?", (str(part),))


def _private(part: Path) -> None:
    """Empty, and nobody else's to read from its first byte on."""
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _forget_old(database: Path) -> None:
    copies = database.parent.glob(f"{database.name}.before-*-to-*")
    for old in sorted(copies, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)
