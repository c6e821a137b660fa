"""Rows that a unique key allows once: the database decides, so that two askers at once get one row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from data.bulk import after_growth, is_sqlite


def add_once(session: Session, table: type[Any], **values: Any) -> int | None:
    """Insert a row of a mapped class and give its key; None when a unique key was taken already."""
    statement = _insert(session, table.__table__).values(**values).on_conflict_do_nothing()  # type: ignore[attr-defined]
    return session.execute(statement.returning(*inspect(table).primary_key)).scalar()


def add_all_once(session: Session, table: type[Any], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert what is not there yet; the ids of those that were added."""
    if not rows:
        return []
    statement = _many(table, on_sqlite=is_sqlite(session))
    added = list(session.execute(statement, list(rows)).scalars())
    after_growth(session, table.__table__, len(added))  # type: ignore[attr-defined]
    return added


@cache
def _many(table: type[Any], *, on_sqlite: bool) -> ReturningInsert[int]:
    """Kept, since putting it together takes longer than inserting a row."""
    into = (sqlite if on_sqlite else postgresql).insert(table.__table__)  # type: ignore[attr-defined]
    return into.on_conflict_do_nothing().returning(table.id)


def _insert(session: Session, table: Table) -> Insert:
    return (sqlite if is_sqlite(session) else postgresql).insert(table)
