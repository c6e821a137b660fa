"""Whoever writes whom a person is taken for waits for the others who do."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.bulk import is_sqlite

IMPORT_LOCK = 7_340_135
"""Postgres advisory lock: imports take turns, so that each sees the facts of the one before."""


def take_turn(session: Session) -> None:
    """Wait for other imports to end. SQLite's writers take turns anyway."""
    if not is_sqlite(session):
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})
