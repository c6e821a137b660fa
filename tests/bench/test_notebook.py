"""The peer does the whole job, once."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from bench.generator.options import Options
from bench.generator.output import write
from bench.notebook import run


def test_notebook_matches_stores_and_scores_and_a_second_run_adds_nothing(tmp_path: Path):
    write(Options(out=tmp_path, rows=1200, customers=80, contacts=400, events=18))
    engine = create_engine(f"sqlite:///{tmp_path / 'notebook.db'}")

    first = run(tmp_path, tmp_path / "attendance.csv", engine)
    second = run(tmp_path, tmp_path / "attendance.csv", engine)
    engine.dispose()

    assert first["records"] == 1200
    assert first["new"] == first["merged"]
    assert first["matched"] / first["merged"] > 0.9
    assert first["scored"] == sum(first["bands"]) > 50
    assert second["new"] == 0
    assert (second["score_sum"], second["top"]) == (first["score_sum"], first["top"])
