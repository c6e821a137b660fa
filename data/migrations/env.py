"""Alembic's entry: one transaction per migration, on SQLite with the write lock taken first."""

from __future__ import annotations

from alembic import context

from data.db import engine
from data.tables import metadata

target = context.config.attributes.get("engine") or engine()
with target.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
