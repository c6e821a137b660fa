"""A preview, import or undo killed at any of its steps leaves nothing, and can be done again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.settings import PROJECT
from data.tables import Upload, UploadPart
from services.access.viewer import SYSTEM
from services.uploads import intake
from services.uploads.undo import undo
from tests.services.uploads.world import (
    NOW,
    attendance,
    bring_in,
    line,
    load_customers,
    state,
    write_csv,
)

DYING = """
import os, signal, sys
from data.db import make_engine
from services.access.viewer import SYSTEM
from services.uploads import intake
from services.uploads.undo import undo
from tests.services.uploads.world import NOW

def die_at(words, _share):
    if words == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)

engine = make_engine(sys.argv[1])
upload, rest = int(sys.argv[2]), {"now": NOW, "engine": engine, "progress": die_at}
if sys.argv[3] == "preview":
    intake.preview(upload, **rest)
elif sys.argv[3] == "commit":
    intake.commit(upload, by=SYSTEM, **rest)
else:
    undo(upload, by=SYSTEM, **rest)
"""
LINES = [line("maria.lopez@dataflow.io"), line("grace.hill@cobaltharbor.com")]


def die(engine: Engine, upload: int, step: str, words: str) -> None:
    """Run the step in a process that kills itself when it reports these words."""
    url = engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", DYING, url, str(upload), step, words],
        cwd=PROJECT,
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL, f"{step} never said {words}"


@pytest.mark.parametrize("step", ["Writing attendance", "Scoring customers", "Saving"])
def test_a_killed_import_leaves_nothing_and_can_be_done_again(
    engine: Engine, tmp_path: Path, step: str
):
    load_customers(engine)
    shown = bring_in(engine, write_csv(tmp_path / "a.csv", LINES), commit=False)
    before = state(engine)
    die(engine, shown["upload_id"], "commit", step)
    assert state(engine) == before
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    assert attendance(engine)["customer_id"].to_list() == [2, 1]


@pytest.mark.parametrize(
    "step", ["Reading what this upload changed", "Restoring participants", "Scoring customers"]
)
def test_a_killed_undo_leaves_the_import_as_it_was_and_can_be_done_again(
    engine: Engine, tmp_path: Path, step: str
):
    load_customers(engine)
    bring_in(engine, write_csv(tmp_path / "a.csv", LINES[:1]))
    before = state(engine)
    second = bring_in(engine, write_csv(tmp_path / "b.csv", LINES))
    after = state(engine)
    die(engine, second["upload_id"], "undo", step)
    assert state(engine) == after
    assert upload_state(engine, second["upload_id"]) == "committed"
    undo(second["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    assert state(engine) == before


@pytest.mark.parametrize("step", ["Reading the file", "Counting", "Writing the preview"])
def test_a_killed_preview_leaves_no_half_of_it_and_can_be_made_again(
    engine: Engine, tmp_path: Path, step: str
):
    load_customers(engine)
    path = write_csv(tmp_path / "a.csv", LINES)
    with transaction(engine) as session:
        upload = intake.receive(session, path, "a.csv", by=SYSTEM, now=NOW).upload_id
    die(engine, upload, "preview", step)
    assert upload_state(engine, upload) == "reading"
    with transaction(engine, read_only=True) as session:
        parts = session.scalars(select(UploadPart.name).where(UploadPart.upload_id == upload)).all()
    assert set(parts) == {"original"}
    intake.preview(upload, now=NOW, engine=engine)
    intake.commit(upload, by=SYSTEM, now=NOW, engine=engine)
    assert attendance(engine)["customer_id"].to_list() == [2, 1]


def upload_state(engine: Engine, upload: int) -> str:
    with transaction(engine, read_only=True) as session:
        return session.get_one(Upload, upload).state
