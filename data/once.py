"""Rows that a unique key allows once: the database decides, so that two askers at once get one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data.bulk import after_growth, is_sqlite


def add_once(session: Session, table: type[Any], **values: Any) -> int | None:
    """Insert a row of a mapped class and give its `id`; None when a unique key was taken already."""
    statement = _insert(session, table.__table__).values(**values).on_conflict_do_nothing()  # type: ignore[attr-defined]
    return session.execute(statement.returning(table.id)).scalar()


def add_all_once(session: Session, table: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert what is not there yet; the ids of those that were added."""
    if not rows:
        return []
    statement = _insert(session, table.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
    added = list(session.execute(statement.returning(table.id), list(rows)).scalars())
    after_growth(session, table.__table__, len(added))  # type: ignore[attr-defined]
    return added


def _insert(session: Session, table: Table) -> Insert:
    return (sqlite if is_sqlite(session) else postgresql).insert(table)
