from __future__ import annotations

import math
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, event, text
from sqlalchemy.exc import IntegrityError

from data.bulk import insert_frame
from data.db import CHECKPOINT_PAGES, TIDYING, _sqlite_logarithms, make_engine, transaction
from data.errors import InTheWay
from data.tables import DataVersion
from data.versions import bump, current


def test_no_update_is_lost_among_threads(engine: Engine):
    def work(_: int) -> None:
        for _ in range(10):
            with transaction(engine) as session:
                bump(session, "facts", "scores")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    with transaction(engine, read_only=True) as session:
        assert current(session) == {"facts": 80, "scores": 80}


def test_nothing_is_kept_of_a_block_that_raises(engine: Engine):
    def broken() -> None:
        with transaction(engine) as session:
            session.add(DataVersion(name="facts", value=1))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with transaction(engine, read_only=True) as session:
        assert current(session) == {}


def test_readers_go_on_while_somebody_writes(engine: Engine):
    with transaction(engine) as writer:
        bump(writer, "facts")
        writer.flush()
        with transaction(engine, read_only=True) as reader:
            assert current(reader) == {}


def test_two_that_wait_for_each_other_are_told_to_try_again(engine: Engine):
    if engine.dialect.name == "sqlite":
        pytest.skip("one writes at a time")
    with transaction(engine) as session:
        bump(session, "facts", "scores")
    both = threading.Barrier(2)

    def raise_by_one(names: tuple[str, str]) -> str:
        raising = text("update data_version set value = value + 1 where name = :name")
        try:
            with transaction(engine) as session:
                session.execute(raising, {"name": names[0]})
                both.wait()
                session.execute(raising, {"name": names[1]})
        except InTheWay as error:
            return error.message
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(raise_by_one, [("facts", "scores"), ("scores", "facts")]))
    assert said[0] == ""
    assert "try again" in said[1]
    with transaction(engine, read_only=True) as session:
        assert current(session) == {"facts": 2, "scores": 2}


def test_whoever_waited_for_another_writer_too_long_is_told_to_try_again(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine, hasty = make_engine(url), make_engine(url)
    event.listen(hasty, "connect", lambda made, _: made.execute("PRAGMA busy_timeout=1"))
    with transaction(engine) as writer:
        writer.connection()
        with pytest.raises(InTheWay, match="try again"), transaction(hasty) as other:
            other.connection()
    engine.dispose()
    hasty.dispose()


def test_sqlite_without_logarithms_is_given_python_s():
    class Built:
        """A connection to an SQLite that was built without them."""

        given: ClassVar[dict[str, Any]] = {}

        def execute(self, _: str) -> None:
            raise sqlite3.OperationalError("no such function: ln")

        def create_function(self, name: str, _: int, function: Any, *, deterministic: bool) -> None:
            assert deterministic
            self.given[name] = function

    _sqlite_logarithms(Built())
    assert Built.given == {"ln": math.log, "exp": math.exp}


def test_sqlite_keeps_what_it_was_told_to_keep(tmp_path: Path):
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }
    engine.dispose()
    full = 2
    assert said == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "trusted_schema": 0,
    }


def test_errors_of_the_database_do_not_repeat_parameters(engine: Engine):
    statement = text("insert into data_version (name, value) values (:n, :v)")

    def twice() -> None:
        with transaction(engine) as session:
            for value in (1, 4711):
                session.execute(statement, {"n": "facts", "v": value})

    with pytest.raises(IntegrityError) as failure:
        twice()
    assert "4711" not in str(failure.value)


def test_the_log_of_a_bulk_write_is_folded_into_the_file_beside_what_follows(tmp_path: Path):
    engine = make_engine(f"sqlite:///{tmp_path / 'app.db'}")
    table = Table("seat", MetaData(), Column("id", Integer, primary_key=True))
    with transaction(engine) as session:
        table.create(session.connection())
    with transaction(engine) as session:
        insert_frame(session, table, pl.DataFrame({"id": range(50_000)}))
    for thread in threading.enumerate():
        if thread.name == TIDYING:
            thread.join()
    alone = shutil.copy(tmp_path / "app.db", tmp_path / "without_log.db")
    with closing(sqlite3.connect(alone)) as copied:
        assert copied.execute("SELECT count(*) FROM seat").fetchone() == (50_000,)
    with transaction(engine) as session:
        assert session.scalar(text("PRAGMA wal_autocheckpoint")) == CHECKPOINT_PAGES
    engine.dispose()
