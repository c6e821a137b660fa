"""The child process: same answer as reading here, and its death is an error in plain words."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import polars as pl
import pytest

import integrations.sandbox as sandbox
from integrations.formats import FileRefused, read
from integrations.sandbox import child, memory_limit, read_file, time_limit

pytestmark = pytest.mark.child
SAMPLES = Path(__file__).parents[2] / "samples"
CHOSEN = [
    ("zoom_webinar_attendee_2025.csv", "attendance"),
    ("gotowebinar_attendee.xlsx", "attendance"),
    ("eventbrite_attendees.csv", "attendance"),
    ("xapi_statements.json", "attendance"),
    ("hubspot_companies.csv", "customers"),
]


@pytest.mark.parametrize(("name", "purpose"), CHOSEN)
def test_child_answers_as_reading_here_does(name: str, purpose: str):
    here = read(SAMPLES / name, purpose=purpose)
    there = read_file(SAMPLES / name, purpose=purpose)
    for field in dataclasses.fields(here):
        mine, other = getattr(here, field.name), getattr(there, field.name)
        same = mine.equals(other) if isinstance(mine, pl.DataFrame) else mine == other
        assert same, field.name
    assert there.rows.schema == here.rows.schema


def test_mapping_and_day_order_reach_the_child(tmp_path: Path):
    path = tmp_path / "upload"
    path.write_text("Quien,Cuando\nAda,03/04/2026\n")
    found = read_file(path, mapping={"name": "Quien", "date": "Cuando"}, day_first=True)
    assert found.rows["name"].to_list() == ["Ada"]
    assert found.day_first is True


def test_child_out_of_memory_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "upload"
    path.write_text("Name,Email\n" + "Ada,ada@a.example\n" * 200_000)
    monkeypatch.setattr(sandbox, "memory_limit", lambda _: 500 << 20)
    with pytest.raises(FileRefused, match="memory or time"):
        read_file(path)
    monkeypatch.undo()
    assert read_file(path).records == 200_000


def test_child_out_of_time_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox, "time_limit", lambda _: 0)
    with pytest.raises(FileRefused, match="memory or time"):
        read_file(SAMPLES / "zoom_qa.csv")


def test_child_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox._spare, "take", _dead)
    with pytest.raises(FileRefused, match="read safely"):
        read_file(SAMPLES / "zoom_qa.csv")


def _dead():
    made = sandbox._start()
    made.kill()
    made.wait()
    return made


def test_missing_file_is_the_callers_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nowhere")


def test_limits_grow_with_the_file():
    assert memory_limit(100 << 20) > 2 * memory_limit(0)
    assert time_limit(512 << 20) > time_limit(0)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read_file(SAMPLES / "zoom_qa.csv")
    assert list(tmp_path.iterdir()) == []


def test_answer_appears_whole_or_not_at_all(tmp_path: Path):
    child.answer(tmp_path, {"refused": "No."})
    assert [p.name for p in tmp_path.iterdir()] == ["answer.json"]


def test_error_of_our_own_is_logged_where_it_was_and_without_the_file_s_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_args: object, **_options: object) -> None:
        raise ValueError("ada@acme.example")

    monkeypatch.setattr(child, "read", broken)
    asked = {"path": "x", "out": str(tmp_path), "mapping": None, "day_first": None}
    child.work(asked | {"purpose": "attendance", "statuses": {}})
    with pytest.raises(FileRefused, match="the log says where"):
        sandbox._collect(tmp_path)
    assert "ValueError tests/integrations/sandbox/test_sandbox.py:" in caplog.text
    assert "acme" not in caplog.text


def test_child_that_never_answers_is_a_refusal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox._spare, "take", _deaf)
    monkeypatch.setattr(sandbox, "time_limit", lambda _: 0)
    with pytest.raises(FileRefused, match="memory or time"):
        read_file(SAMPLES / "zoom_qa.csv")


def _deaf():
    return subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_next_child_is_started_after_a_large_file_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox, "LARGE", 0)
    monkeypatch.setattr(sandbox, "AFTER_LARGE", 0.01)
    read_file(SAMPLES / "zoom_qa.csv")
    soon = sandbox._spare._soon
    assert soon is not None
    soon.join(10)
    assert sandbox._spare._child is not None
