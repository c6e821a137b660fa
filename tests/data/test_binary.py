"""Binary rows say to Postgres what text would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from data.bulk import binary, insert_frame, read_large
from data.tables import Attendance, Participant

TABLE: Table = Attendance.__table__  # type: ignore[assignment]
START = datetime(2026, 1, 1)  # noqa: DTZ001 - frames hold UTC without saying so
SCHEMA = {
    "participant_id": pl.Int64,
    "event_id": pl.Int64,
    "status": pl.Int8,
    "joined_at": pl.Datetime("us"),
    "minutes": pl.Float32,
    "joins": pl.Int16,
    "questions": pl.Int32,
    "spoke": pl.Boolean,
    "completed": pl.Boolean,
    "upload_id": pl.Int64,
}
number = st.integers(-(2**31), 2**31 - 1)
rows = st.lists(
    st.tuples(
        st.integers(0, 2**62),
        st.integers(0, 2**62),
        st.integers(1, 4),
        st.none() | st.timedeltas(timedelta(days=-20_000), timedelta(days=20_000)),
        st.none() | st.floats(width=32, allow_nan=False),
        st.none() | st.integers(-(2**15), 2**15 - 1),
        st.none() | number,
        st.booleans(),
        st.none() | st.booleans(),
        number,
    ),
    min_size=1,
    unique_by=lambda row: row[:2],
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(rows)
def test_bulk_rows_equal_those_written_one_by_one(session: Session, rows: list[tuple]):
    told = [(*r[:3], None if r[3] is None else START + r[3], *r[4:]) for r in rows]
    frame = pl.DataFrame(told, schema=SCHEMA, orient="row")
    columns = select(*[TABLE.c[name] for name in SCHEMA])
    session.execute(delete(TABLE))
    insert_frame(session, TABLE, frame)
    found = read_large(session, columns, SCHEMA).sort("participant_id", "event_id")
    session.execute(delete(TABLE))
    aware = pl.col("joined_at").dt.replace_time_zone("UTC")
    session.execute(insert(TABLE), frame.with_columns(aware).to_dicts())
    slow = read_large(session, columns, SCHEMA).sort("participant_id", "event_id")
    assert found.equals(slow)


def test_tables_with_text_do_not_fit():
    participant: Table = Participant.__table__  # type: ignore[assignment]
    assert binary.fits(TABLE, list(SCHEMA))
    assert not binary.fits(participant, ["id", "person_key"])


def test_a_number_too_large_for_its_column_is_refused():
    with pytest.raises(pl.exceptions.InvalidOperationError):
        binary.rows(TABLE, pl.DataFrame({"status": [40_000]}))


def test_moments_before_the_epoch_of_either_database_are_kept(session: Session):
    moment = datetime(1969, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - see START
    frame = pl.DataFrame(
        {"participant_id": [1], "event_id": [1], "status": [4], "spoke": [False], "upload_id": [1]}
    ).with_columns(joined_at=pl.lit(moment, pl.Datetime("us")))
    insert_frame(session, TABLE, frame)
    assert session.scalar(select(Attendance.joined_at)) == moment.replace(tzinfo=UTC)
