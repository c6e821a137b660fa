"""Backups made while others write and are killed: each restores whole, with all that was committed before."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from services import operations, rehearsal
from tests.services.test_operations import dumps
from tests.support.server import ROOT

ROUNDS = int(os.environ.get("SOAK_BACKUPS", "100"))
WRITERS = 2


class Writer:
    """A process that writes; `committed` is how much it said it had."""

    def __init__(self, engine: Engine, name: str) -> None:
        url = engine.url.render_as_string(hide_password=False)
        self.process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.ledger", url, name],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip
        self.committed = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.committed = int(line)

    def wait_for(self, number: int) -> None:
        while self.committed < number:
            assert self.process.poll() is None, "the writer ended by itself"
            time.sleep(0.01)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def a_round(engine: Engine, target: Path, name: str, chance: random.Random) -> dict[str, Any]:
    """A backup during which one of the writers dies; what was committed before, and what was restored."""
    writers = [Writer(engine, f"{name}.{n}") for n in range(WRITERS)]
    dying = threading.Timer(chance.random() * 0.1, writers[0].kill)
    try:
        for one in writers:
            one.wait_for(3)
        before = sum(one.committed for one in writers)
        dying.start()
        operations.backup(engine, target)
    finally:
        dying.join()
        for one in writers:
            one.kill()
    found = rehearsal.rehearse(engine, target)
    target.unlink()
    return {"before": before, "entries": found.rows["audit_entry"], "jobs": found.rows["job"]}


def drill(engine: Engine, folder: Path, rounds: int) -> None:
    if engine.dialect.name != "sqlite" and not dumps(engine):
        with pytest.raises(Exception, match="pg_dump"):
            operations.backup(engine, folder / "copy")
        return
    chance, earlier = random.Random(1), 0
    for number in range(rounds):
        found = a_round(engine, folder / f"copy-{number}", f"{number}", chance)
        assert found["entries"] == found["jobs"], f"round {number}: half of a transaction"
        assert found["entries"] >= earlier + found["before"], (
            f"round {number}: something is missing"
        )
        earlier += found["before"]
    print(f"\n{engine.dialect.name}: {rounds} of {rounds} restored, {earlier:,} checked")  # noqa: T201


def test_backup_under_load_with_a_writer_killed_restores_whole(engine: Engine, tmp_path: Path):
    drill(engine, tmp_path, 1)


@pytest.mark.soak
def test_hundred_backups_under_load_restore_whole(engine: Engine, tmp_path: Path):
    drill(engine, tmp_path, ROUNDS)
