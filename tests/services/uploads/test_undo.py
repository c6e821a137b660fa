"""Undo leaves what the other uploads say, whatever came first, scores included."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from data.db import transaction
from data.errors import InvalidMove
from data.versions import ATTENDANCE, bump
from services import match_review
from services.access.viewer import SYSTEM
from services.scoring.load import load_facts
from services.uploads.records import Choices
from services.uploads.rematch import rematch
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


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


FILES = {
    "first": [
        line("maria.lopez@dataflow.io", Duration="30", Questions="2"),
        line("grace.hill@cobaltharbor.com", Status="No show", Duration=""),
        line("maria.lopez@dataflow.io", "Reporting Workshop", Date="2026-09-01 10:00:00"),
    ],
    "second": [
        line("maria.lopez@dataflow.io", Duration="50"),
        line("tom.reed@dataflow.io"),
        line("stranger@elsewhere.example", Customer="Umbra Retail"),
    ],
    "third": [
        line("grace.hill@cobaltharbor.com", Duration="20"),
        line("stranger@elsewhere.example", "Reporting Workshop", Date="2026-09-01 10:00:00"),
    ],
}


def _facts(engine: Engine) -> dict:
    """What is known, apart from row numbers, which depend on the history."""
    frame = attendance(engine).sort("email", "event")
    scores = [row[3:] for row in state(engine)["customer_score"]]
    return {"attendance": frame.to_dicts(), "scores": scores}


def test_undo_restores_the_state_before(world: Engine, tmp_path: Path):
    bring_in(world, write_csv(tmp_path / "first.csv", FILES["first"]))
    before = state(world)
    done = bring_in(world, write_csv(tmp_path / "second.csv", FILES["second"]))
    assert state(world) != before
    undo(done["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert state(world) == before


def test_undo_of_the_only_upload_leaves_nothing(world: Engine, tmp_path: Path):
    done = bring_in(world, write_csv(tmp_path / "first.csv", FILES["first"]))
    undo(done["upload_id"], by=SYSTEM, now=NOW, engine=world)
    found = state(world)
    assert [found[name] for name in ("event", "participant", "attendance")] == [[], [], []]


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_undoing_any_of_three_equals_never_having_had_it(
    world: Engine, tmp_path: Path, order: tuple[str, ...]
):
    """Import all three and take the middle one back; the facts are those of the other two."""
    paths = {name: write_csv(tmp_path / f"{name}.csv", FILES[name]) for name in FILES}
    done = {name: bring_in(world, paths[name])["upload_id"] for name in order}
    undo(done[order[1]], by=SYSTEM, now=NOW, engine=world)
    left = _facts(world)
    for name in (order[0], order[2]):
        undo(done[name], by=SYSTEM, now=NOW, engine=world)
    assert attendance(world).is_empty()
    for name in (order[0], order[2]):
        bring_in(world, paths[name])
    assert _facts(world) == left


def test_a_file_can_come_in_again_after_its_undo(world: Engine, tmp_path: Path):
    path = write_csv(tmp_path / "first.csv", FILES["first"])
    done = bring_in(world, path)
    before = _facts(world)
    undo(done["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert bring_in(world, path)["repeat"] is False
    assert _facts(world) == before


def test_an_upload_is_undone_once(world: Engine, tmp_path: Path):
    done = bring_in(world, write_csv(tmp_path / "first.csv", FILES["first"]))
    undo(done["upload_id"], by=SYSTEM, now=NOW, engine=world)
    with pytest.raises(InvalidMove, match="Only an imported upload"):
        undo(done["upload_id"], by=SYSTEM, now=NOW, engine=world)


def test_an_undo_that_fails_takes_nothing_back(world: Engine, tmp_path: Path):
    done = bring_in(world, write_csv(tmp_path / "first.csv", FILES["first"]))
    before = state(world)

    def stop_late(words: str, _share: float) -> None:
        if words == "Scoring customers":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo(done["upload_id"], by=SYSTEM, now=NOW, engine=world, progress=stop_late)
    assert state(world) == before


def test_a_better_match_of_a_later_file_counts_for_earlier_events_too(
    world: Engine, tmp_path: Path
):
    """A free-mail guest is nobody until a file names the company; then all their events count."""
    guest = "maria.lopez77@gmail.com"
    bring_in(world, write_csv(tmp_path / "a.csv", [line(guest, Name="Maria Lopez")]))
    assert attendance(world)["customer_id"].to_list() == [None]
    named = line(
        guest,
        "Reporting Workshop",
        Name="Maria Lopez",
        Customer="DataFlow Inc",
        Date="2026-09-01 10:00:00",
    )
    later = bring_in(world, write_csv(tmp_path / "b.csv", [named]))
    assert attendance(world)["customer_id"].to_list() == [1, 1]
    assert _attended_by_customer(world) == {1: 2, 2: 0, 3: 0}
    undo(later["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert attendance(world)["customer_id"].to_list() == [None]
    assert _attended_by_customer(world) == {1: 0, 2: 0, 3: 0}


def test_match_that_came_with_the_file_goes_with_it(world: Engine, tmp_path: Path):
    """Whom the file was the first to name is nobody again in the files that do not."""
    guest = "maria.lopez77@gmail.com"
    named = line(guest, Name="Maria Lopez", Customer="DataFlow Inc")
    first = bring_in(world, write_csv(tmp_path / "a.csv", [named]))
    plain = line(guest, "Reporting Workshop", Name="Maria Lopez", Date="2026-09-01 10:00:00")
    bring_in(world, write_csv(tmp_path / "b.csv", [plain]))
    assert attendance(world)["customer_id"].to_list() == [1, 1]
    undo(first["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert attendance(world)["customer_id"].to_list() == [None]
    assert _attended_by_customer(world) == {1: 0, 2: 0, 3: 0}


def test_what_is_kept_for_scoring_is_what_the_tables_say(world: Engine, tmp_path: Path):
    ids = [
        bring_in(world, write_csv(tmp_path / f"{name}.csv", FILES[name]))["upload_id"]
        for name in FILES
    ]
    undo(ids[1], by=SYSTEM, now=NOW, engine=world)
    with transaction(world) as session:
        kept = load_facts(session)
        bump(session, ATTENDANCE)  # what is kept is out of date now, so the tables are read
        read = load_facts(session)
    order = ["participant_id", "event_id"]
    assert kept.attendances.sort(order).equals(read.attendances.sort(order))
    assert kept.attendances.height == 3


def _attended_by_customer(engine: Engine) -> dict[int, int]:
    with transaction(engine, read_only=True) as session:
        return dict(session.execute(text("SELECT customer_id, attended FROM customer_score")).all())


def test_an_answer_given_since_survives_the_undo_of_another_file(world: Engine, tmp_path: Path):
    bring_in(world, write_csv(tmp_path / "second.csv", FILES["second"]))
    later = bring_in(world, write_csv(tmp_path / "third.csv", FILES["third"]))
    with transaction(world) as session:
        match_review.answer(
            session,
            by=SYSTEM,
            now=NOW,
            kind="domain",
            key="elsewhere.example",
            verdict="is",
            customer_id=3,
        )
    with transaction(world) as session:
        assert rematch(session, now=NOW) == 1
    undo(later["upload_id"], by=SYSTEM, now=NOW, engine=world)
    found = {r["email"]: r["customer_id"] for r in attendance(world).to_dicts()}
    assert found["stranger@elsewhere.example"] == 3


def test_events_and_scores_are_as_before_in_whatever_order_files_are_undone(
    world: Engine, tmp_path: Path
):
    """A new event of a file and of its corrected version goes with the last that speaks of it; an event on
    record is renamed twice, and gets its first name back."""
    bring_in(world, write_csv(tmp_path / "base.csv", FILES["first"][:2]))
    new = line("maria.lopez@dataflow.io", "Fresh Webinar", Date="2026-11-01 10:00:00")
    files = {
        "file": ([line("tom.reed@dataflow.io"), new], "Analytics, renamed"),
        "corrected": ([new, line("grace.hill@cobaltharbor.com", **_at(new))], None),
        "other": ([line("grace.hill@cobaltharbor.com"), new], "Analytics, renamed again"),
    }
    before = {name: state(world)[name] for name in ("event", "attendance", "customer_score")}
    orders = [("file", "corrected", "other"), ("other", "corrected", "file")]
    for order in orders:
        done: dict[str, int] = {}
        for name, (lines, called) in files.items():
            chosen = Choices(events={"0": {"name": called}} if called else {})
            path = write_csv(tmp_path / f"{name}.csv", lines)
            done[name] = bring_in(world, path, choices=chosen)["upload_id"]
        assert "Analytics, renamed again" in str(state(world)["event"])
        for name in order:
            undo(done[name], by=SYSTEM, now=NOW, engine=world)
        after = state(world)
        assert {name: after[name] for name in before} == before, order


def _at(row: dict) -> dict:
    return {name: row[name] for name in ("Event", "Date")}
