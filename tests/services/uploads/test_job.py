"""Steps in processes of their own: what the next look finds when a process or the app died meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.db import transaction
from data.settings import PROJECT
from data.tables import Upload
from services.access import SYSTEM
from services.ids import public_id
from services.uploads import intake, job
from tests.services.uploads.world import (
    attendance,
    bring_in,
    line,
    load_customers,
    write_csv,
)
from tests.support.apptest import open_page, person, words

SERVER = """
import os, signal, sys
from services.access import SYSTEM
from services.uploads import job

job.SMALL = 0
job.start(int(sys.argv[1]), sys.argv[2], by=SYSTEM)
os.kill(os.getpid(), signal.SIGKILL)
"""
"""The app as far as an upload goes: it starts the step's process, and is killed."""


@pytest.fixture
def previewed(app_database: Engine, tmp_path: Path) -> int:
    load_customers(app_database)
    lines = [line("maria.lopez@dataflow.io"), line("grace.hill@cobaltharbor.com")]
    done = bring_in(app_database, write_csv(tmp_path / "a.csv", lines), commit=False)
    return int(done["upload_id"])


def killed_server(upload: int, step: str) -> None:
    died = subprocess.run(
        [sys.executable, "-c", SERVER, str(upload), step], cwd=PROJECT, check=False, timeout=60
    )
    assert died.returncode == -signal.SIGKILL


def ended(upload: int) -> job.Progress:
    for _ in range(600):
        if (found := job.progress(upload)).done:
            return found
        time.sleep(0.1)
    raise AssertionError(f"still at {job.progress(upload)}")


def state_of(upload: int) -> str:
    with transaction(read_only=True) as session:
        return session.get_one(Upload, upload).state


def page(upload: int) -> str:
    app = open_page("upload", as_=person("Ana", "admin"), id=public_id("upload", upload))
    assert not app.exception
    return words(app).replace("\\", "")


def test_step_that_outlives_the_app_is_seen_as_it_goes_and_as_it_ended(
    previewed: int, app_database: Engine
):
    killed_server(previewed, "commit")
    assert not job.progress(previewed).done
    assert ended(previewed).error is None
    assert state_of(previewed) == "committed"
    assert attendance(app_database).height == 2
    assert "2 new, 0 changed" in page(previewed)


def test_nobody_starts_a_second_step_beside_one_that_outlived_the_app(previewed: int):
    killed_server(previewed, "commit")
    assert not job.start(previewed, "commit", by=SYSTEM).done
    assert ended(previewed).error is None


def test_failure_that_nobody_was_told_of_is_told_on_the_page(previewed: int, tmp_path: Path):
    with transaction() as session:
        copy = intake.receive(session, tmp_path / "a.csv", "b.csv", by=SYSTEM, now=job.utc_now())
    assert job.start(copy.upload_id, "preview", by=SYSTEM).done
    killed_server(copy.upload_id, "commit")
    assert ended(copy.upload_id).error is None
    killed_server(previewed, "commit")
    assert "imported the same file meanwhile" in (ended(previewed).error or "")
    said = page(previewed)
    assert "The import did not happen. Somebody has imported the same file meanwhile" in said


def test_killed_step_is_told_as_interrupted_and_can_be_started_again(
    previewed: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(job, "SMALL", 0)
    job.start(previewed, "commit", by=SYSTEM)
    child = job._running[previewed]
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    found = job.progress(previewed)
    assert (found.done, found.error, found.kind) == (True, job.INTERRUPTED, "Cancelled")
    assert state_of(previewed) == "previewed"
    assert "The import did not happen. The work was interrupted" in page(previewed)
    monkeypatch.setattr(job, "SMALL", 2_000_000)
    assert job.start(previewed, "commit", by=SYSTEM).error is None
    assert state_of(previewed) == "committed"


def test_step_killed_after_it_was_done_is_not_told_as_interrupted(previewed: int):
    job.start(previewed, "commit", by=SYSTEM)
    job._write(previewed, job.Progress("commit", "Saving", 0.95, done=False))
    found = job.progress(previewed)
    assert (found.done, found.error) == (True, None)


def test_step_of_another_process_ends_at_its_next_report_when_cancelled(previewed: int):
    job.cancel(previewed)
    job.run(previewed, "commit", by=SYSTEM)
    assert job.progress(previewed).error == job.CANCELLED
    assert state_of(previewed) == "previewed"
    assert job.start(previewed, "commit", by=SYSTEM).error is None
