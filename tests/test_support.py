"""The ground the tests stand on is tested too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

import data.db
import integrations.sandbox as sandbox
from data.tables import metadata
from tests.support import poison
from tests.support.leash import leashed


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_gets_a_database_of_its_own(engine: Engine, turn: str):
    with data.db.transaction(engine) as session:
        session.execute(text("CREATE TABLE left_behind (turn TEXT)"))
        session.execute(text("INSERT INTO left_behind VALUES (:turn)"), {"turn": turn})
    with data.db.transaction(engine) as session:
        assert session.execute(text("SELECT turn FROM left_behind")).all() == [(turn,)]


def test_databases_come_migrated(engine: Engine):
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())


def test_hostile_texts_are_put_wherever_others_write():
    """A new column has its place: among the texts, or said to be none of theirs."""
    assert poison.unplaced() == []
    known = {f"{name}.{column}" for name, columns in poison.TEXTS.items() for column in columns}
    there = {
        f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.c
    }
    assert (known | poison.LEFT) - there == set()
    assert known & poison.LEFT == set()


def test_engine_fixture_is_on_the_dialect_it_says(engine: Engine, dialect: str):
    assert engine.dialect.name == {"sqlite": "sqlite", "postgres": "postgresql"}[dialect]


def test_app_database_is_where_the_application_writes(app_database: Engine, engine: Engine):
    with data.db.transaction() as session:
        session.execute(text("CREATE TABLE written_by_the_app (id INTEGER)"))
    assert "written_by_the_app" in inspect(engine).get_table_names()
    assert data.db.engine() is app_database


class NoChild(Exception):
    """None is there to be had."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time somebody asked for a process to read a file in."""
    asked: list[str] = []

    def refuse() -> None:
        asked.append("child")
        raise NoChild

    monkeypatch.setattr(sandbox._spare, "take", refuse)
    return asked


def test_uploaded_file_is_read_in_the_process_of_the_test(tmp_path: Path, started: list[str]):
    (tmp_path / "a.csv").write_text("Name,Email\nAda,ada@a.example\n")
    assert sandbox.read_file(tmp_path / "a.csv", mapping={"name": "Name"}).records == 1
    assert started == []


@pytest.mark.child
def test_uploaded_file_is_read_by_a_child_where_that_is_asked_for(
    tmp_path: Path, started: list[str]
):
    (tmp_path / "a.csv").write_text("Name,Email\nAda,ada@a.example\n")
    with pytest.raises(NoChild):
        sandbox.read_file(tmp_path / "a.csv")
    assert started == ["child"]


def test_leashed_program_ends_with_its_block(tmp_path: Path):
    seen = tmp_path / "pid"
    litter = tmp_path / "litter"
    litter.mkdir()
    with leashed(_writes_its_pid(seen), log=tmp_path / "log", litter=litter):
        pid = _read(seen)
        assert _is_alive(pid)
    assert not _is_alive(pid)
    assert not litter.exists()


def test_leashed_program_ends_when_the_tests_are_killed(tmp_path: Path):
    seen = tmp_path / "pid"
    script = (
        "import sys, time; from pathlib import Path; from tests.support.leash import leashed\n"
        f"with leashed({_writes_its_pid(seen)!r}, log=Path({str(tmp_path / 'log')!r})): time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[1])
    pid = _read(seen)
    run.send_signal(signal.SIGKILL)
    run.wait()
    for _ in range(100):
        if not _is_alive(pid):
            break
        time.sleep(0.05)
    assert not _is_alive(pid)


def _writes_its_pid(where: Path) -> list[str]:
    return ["/bin/sh", "-c", f"echo $$ > {where}; exec sleep 60"]


def _read(seen: Path) -> int:
    for _ in range(200):
        if seen.exists() and seen.read_text().strip():
            return int(seen.read_text())
        time.sleep(0.05)
    raise AssertionError("the program did not start")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
