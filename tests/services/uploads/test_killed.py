"""An import killed at any of its steps leaves nothing, and can be done again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.settings import PROJECT
from services.access.viewer import SYSTEM
from services.uploads import intake
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
from tests.services.uploads.world import NOW

def die_at(words, _share):
    if words == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

engine = make_engine(sys.argv[1])
intake.commit(int(sys.argv[2]), by=SYSTEM, now=NOW, engine=engine, progress=die_at)
"""


@pytest.mark.parametrize("step", ["Writing attendance", "Scoring customers", "Saving"])
def test_a_killed_import_leaves_nothing_and_can_be_done_again(
    engine: Engine, tmp_path: Path, step: str
):
    load_customers(engine)
    lines = [line("maria.lopez@dataflow.io"), line("grace.hill@cobaltharbor.com")]
    shown = bring_in(engine, write_csv(tmp_path / "a.csv", lines), commit=False)
    before = state(engine)
    url = engine.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", DYING, url, str(shown["upload_id"]), step],
        cwd=PROJECT,
        check=False,
        timeout=120,
    )
    assert died.returncode == -signal.SIGKILL
    assert state(engine) == before
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    assert attendance(engine)["customer_id"].to_list() == [2, 1]
