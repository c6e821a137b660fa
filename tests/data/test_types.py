from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from data.tables import Job
from data.types import UtcDateTime

MOMENTS = st.integers(-(60 * 365 * 86400 * 10**6), 60 * 365 * 86400 * 10**6).map(
    lambda micros: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


def kept(session: Session, at: datetime) -> datetime:
    job = Job(kind="tick", dedup_key="a", due_at=at, created_at=at)
    session.add(job)
    session.flush()
    session.expire(job)
    back = job.due_at
    session.delete(job)
    session.flush()
    return back


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(MOMENTS, st.integers(-14, 14))
def test_moment_comes_back_as_the_same_moment(session: Session, at: datetime, hours: int):
    back = kept(session, at.astimezone(timezone(timedelta(hours=hours))))
    assert back == at
    assert back.utcoffset() == timedelta(0)


def test_moment_without_a_zone_is_refused():
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        with pytest.raises(ValueError, match="time zone"):
            UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001
