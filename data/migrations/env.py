"""Alembic's entry: one transaction per migration, on SQLite with the write lock taken first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection

from data.db import engine
from data.tables import metadata


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


target = context.config.attributes.get("engine") or engine()
with target.connect() as connection, _tables_may_be_made_anew(connection):
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
