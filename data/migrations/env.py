"""Alembic's entry: one transaction per migration, on SQLite with the write lock taken first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, Engine, text

from data.db import engine
from data.tables import metadata

_KEY = 7_201_118
"""Of the lock; nothing else in the database uses this number."""


@contextmanager
def _tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew; dropping the old one would count as deleting what other
    tables refer to. The check is switched off, which only works between transactions, and made up for."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = driver.execute("PRAGMA foreign_key_check").fetchall()
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
    if lost:
        raise RuntimeError(f"{len(lost)} rows refer to nothing, the first in {lost[0][0]}.")


@contextmanager
def _alone(target: Engine) -> Iterator[None]:
    """Replicas start at the same time: on Postgres the second one waits for the first. On SQLite it waits for
    the write lock."""
    if target.dialect.name == "sqlite":
        yield
        return
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as held:
        held.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _KEY})
        try:
            yield
        finally:
            held.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _KEY})


target = context.config.attributes.get("engine") or engine()
with _alone(target), target.connect() as connection, _tables_may_be_made_anew(connection):
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
