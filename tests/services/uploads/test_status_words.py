"""What words for a status mean is asked once, kept for files with the same columns, and can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.errors import BadInput
from data.tables.events import ATTENDED, NO_SHOW
from services.uploads import intake
from services.uploads.records import Choices
from tests.services.uploads.world import (
    NOW,
    SYSTEM,
    attendance,
    bring_in,
    line,
    load_customers,
    write_csv,
)

MARIA, TOM, GRACE = "maria.lopez@dataflow.io", "tom.reed@dataflow.io", "grace.hill@cobaltharbor.com"


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def file(folder: Path, name: str, **words: str) -> Path:
    people = {"maria": MARIA, "tom": TOM, "grace": GRACE}
    lines = [line(people[who], event=name, Status=word, Duration="") for who, word in words.items()]
    return write_csv(folder / f"{name}.csv", lines)


def statuses(engine: Engine, event: str) -> dict[str, int]:
    found = attendance(engine).filter(event=event)
    return dict(found.select("email", "status").iter_rows())


def test_import_counts_what_the_preview_with_the_answers_shows(world: Engine, tmp_path: Path):
    path = file(tmp_path, "a", maria="Dialled in", tom="Perhaps", grace="Attended")
    shown = bring_in(world, path, commit=False)
    assert (shown["matched"], shown["rejected"]) == (1, 2)
    assert shown["status_words"] == [["Dialled in", 1, None], ["Perhaps", 1, None]]
    said = {"Dialled in": "attended", "Perhaps": "no_show"}
    shown = bring_in(world, path, commit=False, choices=Choices(statuses=said))
    assert (shown["matched"], shown["rejected"]) == (3, 0)
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert statuses(world, "a") == {MARIA: ATTENDED, TOM: NO_SHOW, GRACE: ATTENDED}


def test_answers_are_kept_for_files_with_the_same_columns(world: Engine, tmp_path: Path):
    first = file(tmp_path, "a", maria="Dialled in")
    bring_in(world, first, choices=Choices(statuses={"Dialled in": "attended"}))
    shown = bring_in(world, file(tmp_path, "b", maria="dialled-in", tom="Perhaps"))
    assert shown["status_words"] == [["Perhaps", 1, None], ["dialled-in", 1, "attended"]]
    assert statuses(world, "b") == {MARIA: ATTENDED}
    # Another answer adds to the first.
    third = file(tmp_path, "c", maria="Dialled in", tom="Perhaps")
    bring_in(world, third, choices=Choices(statuses={"Perhaps": "no_show"}))
    assert statuses(world, "c") == {MARIA: ATTENDED, TOM: NO_SHOW}
    other = tmp_path / "d.csv"
    other.write_text(f"Email,Event,Date,Status\n{MARIA},d,2026-10-05,Dialled in\n")
    assert bring_in(world, other, commit=False)["rejected"] == 1


def test_answer_can_be_changed_and_taken_back(world: Engine, tmp_path: Path):
    path = file(tmp_path, "a", maria="Dialled in")
    for said, counted in (("attended", 1), ("no_show", 1), ("", 0)):
        choices = Choices(statuses={"Dialled in": said})
        shown = bring_in(world, path, commit=False, choices=choices)
        assert (shown["status_words"], shown["matched"]) == (
            [["Dialled in", 1, said or None]],
            counted,
        )
        again = bring_in(world, path, commit=False)
        assert (again["status_words"], again["matched"]) == (shown["status_words"], counted)


def test_answers_and_columns_are_kept_side_by_side(world: Engine, tmp_path: Path):
    mapping = {"email": "Adresse", "date": "Wann", "event": "Was", "status": "Wie"}
    told = [Choices(mapping=mapping), Choices(statuses={"Dialled in": "attended"}), None]
    figures = []
    for number, choices in enumerate(told):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"Adresse,Wann,Was,Wie\n{MARIA},2026-10-05,E{number},Dialled in\n")
        done = bring_in(world, path, choices=choices, commit=number > 0)
        figures.append((done["matched"], done["rejected"]))
    assert figures == [(0, 1), (1, 0), (1, 0)]
    assert list(attendance(world)["event"]) == ["E1", "E2"]


def test_word_can_mean_no_other_than_the_four(world: Engine, tmp_path: Path):
    path = file(tmp_path, "a", maria="Dialled in")
    with pytest.raises(BadInput, match="attended, no_show, registered, cancelled"):
        bring_in(world, path, choices=Choices(statuses={"Dialled in": "here"}))
