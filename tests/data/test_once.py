from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from data.bulk import is_sqlite
from data.db import transaction
from data.once import add_all_once, add_once
from data.tables import Job


def job(key: str, now: datetime) -> dict[str, Any]:
    return {"kind": "tick", "dedup_key": key, "due_at": now, "created_at": now}


def test_second_row_of_a_key_is_not_added(session: Session, now: datetime):
    first = add_once(session, Job, **job("a", now))
    assert first is not None
    assert add_once(session, Job, **job("a", now)) is None
    assert session.get_one(Job, first).state == "queued"


def test_only_new_ones_of_many_are_added(session: Session, now: datetime):
    add_once(session, Job, **job("3", now))
    rows = [job(str(n % 5), now) for n in range(9)]
    assert len(add_all_once(session, Job, rows)) == 4
    assert session.scalar(select(func.count()).select_from(Job)) == 5
    assert add_all_once(session, Job, []) == []


def test_postgres_knows_of_many_rows_at_once(session: Session, now: datetime):
    if is_sqlite(session):
        pytest.skip("SQLite chooses its plans without looking through the tables")
    add_all_once(session, Job, [job(str(n), now) for n in range(5_000)])
    found = text("SELECT reltuples FROM pg_class WHERE oid = CAST('job' AS regclass)")
    assert session.scalar(found) == 5_000


def test_of_many_askers_at_once_one_adds_the_row(engine: Engine, now: datetime):
    def ask(_: int) -> int | None:
        with transaction(engine) as session:
            return add_once(session, Job, **job("same", now))

    with ThreadPoolExecutor(8) as pool:
        added = [number for number in pool.map(ask, range(16)) if number is not None]
    assert len(added) == 1
