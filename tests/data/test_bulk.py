"""The bulk statements against dictionaries that do the same row by row."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, delete, func, select, text
from sqlalchemy.orm import Session

from data.bulk import (
    after_first_load,
    delete_frame,
    insert_frame,
    inserting,
    is_sqlite,
    read_frame,
    read_large,
    reading_beside,
    update_frame,
    upsert_frame,
)
from data.db import transaction
from data.tables import Attendance, Job, Participant

TABLE: Table = Job.__table__  # type: ignore[assignment]
START = datetime(2026, 1, 1, tzinfo=UTC)
PARTICIPANT: Table = Participant.__table__  # type: ignore[assignment]
SCHEMA = {
    "id": pl.Int64,
    "kind": pl.String,
    "dedup_key": pl.String,
    "payload": pl.String,
    "state": pl.String,
    "due_at": pl.Datetime("us"),
    "attempts": pl.Int64,
    "error": pl.String,
    "created_at": pl.Datetime("us"),
}
TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
ROWS = st.dictionaries(
    st.integers(1, 40),
    st.tuples(TEXTS, st.one_of(st.none(), TEXTS), st.integers(0, 10**6), st.integers(0, 10**12)),
    max_size=25,
)
Rows = dict[int, tuple[str, str | None, int, int]]


def frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "id": number,
                "kind": kind,
                "dedup_key": f"key {number}",
                "payload": "{}",
                "state": "queued",
                "due_at": START.replace(tzinfo=None) + timedelta(microseconds=micros),
                "attempts": attempts,
                "error": error,
                "created_at": START.replace(tzinfo=None),
            }
            for number, (kind, error, attempts, micros) in sorted(rows.items())
        ],
        schema=SCHEMA,
    )


def there(session: Session) -> Rows:
    session.expire_all()
    return {
        job.id: (
            job.kind,
            job.error,
            job.attempts,
            (job.due_at - START) // timedelta(microseconds=1),
        )
        for job in session.scalars(select(Job))
    }


def fresh(session: Session, rows: Rows) -> None:
    session.execute(delete(Job))
    insert_frame(session, TABLE, frame(rows))


properties = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


@properties
@given(ROWS)
def test_inserted_rows_come_back_whole(session: Session, rows: Rows):
    fresh(session, rows)
    assert there(session) == rows
    columns = [TABLE.c[name] for name in ("id", "kind", "error", "attempts", "due_at")]
    shape: dict[str, Any] = {
        name: SCHEMA[name] for name in ("id", "kind", "error", "attempts", "due_at")
    }
    for read in (read_frame, read_large):
        back = read(session, select(*columns), shape).sort("id")
        assert back.equals(frame(rows).select(back.columns), null_equal=True)


def test_moments_are_read_with_the_zone_that_is_asked_for(session: Session):
    fresh(session, {1: ("a", None, 0, 0)})
    column = select(TABLE.c.due_at)
    for zone in (None, "UTC"):
        shape: dict[str, Any] = {"due_at": pl.Datetime("us", zone)}
        assert read_large(session, column, shape).schema == shape


@properties
@given(ROWS, ROWS)
def test_update_changes_only_rows_that_are_there(session: Session, before: Rows, wanted: Rows):
    fresh(session, before)
    changes = frame(wanted).select("id", "kind", "error", "attempts", "due_at")
    update_frame(session, TABLE, changes, ["id"])
    assert there(session) == {n: wanted.get(n, row) for n, row in before.items()}


@properties
@given(ROWS, ROWS)
def test_upsert_is_insert_or_update(session: Session, before: Rows, wanted: Rows):
    fresh(session, before)
    upsert_frame(session, TABLE, frame(wanted), ["id"])
    assert there(session) == before | wanted


@properties
@given(ROWS, st.sets(st.integers(1, 40)))
def test_delete_removes_exactly_the_keys(session: Session, before: Rows, gone: set[int]):
    fresh(session, before)
    delete_frame(session, TABLE, pl.DataFrame({"id": sorted(gone)}, schema={"id": pl.Int64}))
    assert there(session) == {n: row for n, row in before.items() if n not in gone}


def many_jobs(many: int) -> pl.DataFrame:
    return pl.DataFrame({"id": pl.int_range(1, many + 1, eager=True)}).select(
        "id",
        kind=pl.lit("tick"),
        dedup_key=pl.format("key {}", pl.col("id")),
        payload=pl.lit("{}"),
        state=pl.lit("queued"),
        due_at=pl.lit(START.replace(tzinfo=None)),
        attempts=pl.lit(0),
        created_at=pl.lit(START.replace(tzinfo=None)),
    )


def test_large_first_load_keeps_keys_and_indexes(session: Session):
    many = 100_001
    rows = many_jobs(many)
    insert_frame(session, TABLE, rows)
    assert session.scalar(select(Job.id).where(Job.dedup_key == "key 99999")) == 99_999
    again = rows.head(1).with_columns(id=pl.lit(many + 1))
    with pytest.raises(Exception, match=r"(?i)unique"):  # each driver has an error of its own
        insert_frame(session, TABLE, again)


def _rows_postgres_knows_of(session: Session, table: str) -> float | None:
    found = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
    return session.scalar(found, {"name": table})


@pytest.mark.parametrize("write", [insert_frame, partial(upsert_frame, keys=["id"])])
def test_postgres_knows_at_once_how_much_a_table_has_grown(
    session: Session, write: Callable[[Session, Table, pl.DataFrame], None]
):
    if is_sqlite(session):
        pytest.skip("SQLite chooses its plans without looking through the tables")
    texts = ("tick", None, 0, 0)
    write(session, TABLE, frame(dict.fromkeys(range(1, 3_001), texts)))
    assert _rows_postgres_knows_of(session, "job") == 3_000
    write(session, TABLE, frame(dict.fromkeys(range(3_001, 3_101), texts)))
    assert _rows_postgres_knows_of(session, "job") == 3_000, "a few more are no reason"
    write(session, TABLE, frame(dict.fromkeys(range(3_101, 9_001), texts)))
    assert _rows_postgres_knows_of(session, "job") == 9_000


def test_postgres_looks_through_what_came_in_a_large_first_load(session: Session):
    if is_sqlite(session):
        pytest.skip("SQLite chooses its plans without looking through the tables")
    known = text("SELECT count(*) FROM pg_stats WHERE tablename = 'job' AND attname = 'kind'")
    insert_frame(session, TABLE, many_jobs(100_001))
    assert session.scalar(known) == 0, "its indexes were made afterwards"
    after_first_load(session, TABLE)
    assert session.scalar(known) == 1


ATTENDANCE: Table = Attendance.__table__  # type: ignore[assignment]
ATTENDED = {
    "participant_id": pl.Int64,
    "event_id": pl.Int64,
    "status": pl.Int64,
    "joined_at": pl.Datetime("us"),
    "minutes": pl.Float64,
    "questions": pl.Int64,
    "spoke": pl.Boolean,
    "upload_id": pl.Int64,
}


def attendance(many: int) -> pl.DataFrame:
    """Rows of 20 people to an event, some of which say nothing of minutes and questions."""
    number = pl.col("n")
    return (
        pl.DataFrame({"n": pl.int_range(many, eager=True)})
        .select(
            participant_id=number // 20,
            event_id=number % 20,
            status=number % 4 + 1,
            joined_at=pl.lit(START.replace(tzinfo=None)) + pl.duration(microseconds=number * 7),
            minutes=pl.when(number % 3 > 0).then(number / 7).cast(pl.Float32),
            questions=pl.when(number % 5 == 0).then(number),
            spoke=number % 2 == 0,
            upload_id=pl.lit(1),
        )
        .cast({name: kind for name, kind in ATTENDED.items() if name != "minutes"})
    )


def attended(session: Session) -> pl.DataFrame:
    columns = [ATTENDANCE.c[name] for name in ATTENDED]
    return read_large(session, select(*columns), ATTENDED).sort("participant_id", "event_id")


def test_a_large_first_load_equals_one_in_pieces(session: Session):
    rows = attendance(120_000)
    insert_frame(session, ATTENDANCE, rows)
    at_once = attended(session)
    session.execute(delete(Attendance))
    for piece in rows.iter_slices(30_000):
        insert_frame(session, ATTENDANCE, piece)
    assert at_once.height == rows.height
    assert at_once.equals(attended(session))


def test_a_large_first_load_fills_the_indexes(session: Session):
    insert_frame(session, ATTENDANCE, attendance(120_000))
    of_one = select(func.count()).select_from(Attendance).where(Attendance.event_id == 7)
    assert session.scalar(of_one) == 6_000
    if is_sqlite(session):
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_a_large_load_into_a_table_with_rows_keeps_them(session: Session):
    rows = attendance(240_000)
    insert_frame(session, ATTENDANCE, rows.tail(10))
    insert_frame(session, ATTENDANCE, rows.head(120_000))
    assert attended(session).height == 120_010


def test_rows_made_ready_and_never_written_leave_nothing(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with inserting(session, ATTENDANCE, attendance(5_000)):
        before = attended(session)
    assert before.is_empty()
    assert attended(session).is_empty()
    assert list(tmp_path.glob("cscx-*")) == []


def test_a_row_that_breaks_the_key_stops_the_load(session: Session):
    rows = attendance(120_000)
    with pytest.raises(Exception, match=r"(?i)unique"), session.begin_nested():
        insert_frame(session, ATTENDANCE, pl.concat([rows, rows.tail(1)]))
    assert attended(session).is_empty()


def participants(count: int) -> pl.DataFrame:
    numbers = pl.int_range(1, count + 1, dtype=pl.Int64, eager=True).alias("id")
    return pl.DataFrame([numbers]).with_columns(
        person_key=pl.format("{}@example.com", pl.col("id").cast(pl.String).str.zfill(7)),
        customer_id=pl.when(pl.col("id") % 2 == 0).then(pl.col("id") % 100),
        band=pl.lit("review"),
        confidence=pl.lit(0.5),
        evidence=pl.lit("company"),
        question_key=pl.when(pl.col("id") % 3 == 0).then(pl.lit("acme")),
        question_kind=pl.lit("name"),
    )


def test_a_large_first_load_of_people_fills_every_index(session: Session):
    insert_frame(session, PARTICIPANT, participants(120_000))
    count = select(func.count()).select_from(Participant)
    p = Participant
    assert session.scalar(count.where(p.person_key == "0000042@example.com", p.id == 42)) == 1
    assert session.scalar(count.where(p.customer_id == 4)) == 1_200
    assert (
        session.scalar(count.where(p.question_key == "acme", p.question_kind == "name")) == 40_000
    )
    if is_sqlite(session):
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


def test_a_row_that_breaks_a_check_stops_the_load(session: Session):
    rows = participants(120_000).with_columns(band=pl.lit("sure"))
    with pytest.raises(Exception, match=r"(?i)check"), session.begin_nested():
        insert_frame(session, PARTICIPANT, rows)
    assert session.scalar(select(func.count()).select_from(Participant)) == 0


LATE = participants(120_000).with_columns(
    name=pl.when(pl.col("id") > 110_000).then(pl.lit("Ann “A” Lee")), confidence=pl.lit(0.25)
)
PEOPLE: dict[str, Any] = {
    "id": pl.Int64,
    "name": pl.String,
    "customer_id": pl.Int64,
    "band": pl.String,
    "confidence": pl.Float32,
}
OF_PEOPLE = select(*[PARTICIPANT.c[name] for name in PEOPLE])


@pytest.fixture
def crowd(engine: Engine) -> Engine:
    with transaction(engine) as session:
        insert_frame(session, PARTICIPANT, LATE)
    return engine


def beside(session: Session) -> pl.DataFrame:
    with reading_beside(session, OF_PEOPLE, PEOPLE) as rows:
        return rows().sort("id")


def test_rows_read_beside_are_those_the_transaction_sees(crowd: Engine):
    with transaction(crowd) as session:
        assert beside(session).equals(LATE.select(*PEOPLE).cast(PEOPLE))  # type: ignore[arg-type]
        assert beside(session).equals(read_large(session, OF_PEOPLE, PEOPLE).sort("id"))
        delete_frame(session, PARTICIPANT, LATE.select("id").head(1))
        assert beside(session).height == 119_999
    with transaction(crowd, read_only=True) as session:
        assert beside(session).height == 119_999


def test_another_process_reads_many_rows_of_sqlite(crowd: Engine, monkeypatch: pytest.MonkeyPatch):
    asked = list[str]()

    def large(session: Session, statement: Any, schema: Any) -> pl.DataFrame:
        asked.append("here")
        return read_large(session, statement, schema)

    monkeypatch.setattr("data.bulk.reading.read_large", large)
    with transaction(crowd) as session:
        assert beside(session).height == 120_000
        assert asked == ([] if is_sqlite(session) else ["here"])


def test_rows_are_read_here_when_the_other_process_fails(
    crowd: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with transaction(crowd) as session:
        assert beside(session).height == 120_000
