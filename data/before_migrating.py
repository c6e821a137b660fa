"""A copy of a SQLite database beside it, made before its schema changes, so that there is a way back."""

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

from data.errors import AppError

KEPT = 3
log = logging.getLogger(__name__)


def back_up(engine: Engine, config: Config) -> Path | None:
    """The copy, when a database that holds something is about to be changed; None when it is new or at
    the newest schema already, and on Postgres, where pg_dump is the operator's.

    The last KEPT copies stay. AppError when no copy can be made: the schema must not change then.
    """
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.execution_options(read_only=True).connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    if at in (None, head):
        return None
    if engine.dialect.name != "sqlite":
        log.warning("migrating from=%s to=%s backup=none (make one with pg_dump)", at, head)
        return None
    database = Path(str(engine.url.database)).absolute()
    copy = database.with_name(f"{database.name}.before-{at}-to-{head}")
    part = copy.with_name(f".{copy.name}-{os.getpid()}")
    try:
        _copied(database, part)
        part.replace(copy)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise AppError(
            f"No copy of the database could be made, so its schema was left as it is: {error}. "
            "Make room on the disk, or mend the folder's rights, and start again."
        ) from None
    _forget_old(database)
    log.info("backed up before migrating from=%s to=%s", at, head)
    return copy


def _copied(database: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)) as source:
        source.execute("VACUUM INTO ?", (str(part),))


def _forget_old(database: Path) -> None:
    copies = database.parent.glob(f"{database.name}.before-*-to-*")
    for old in sorted(copies, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)
