"""Events of which no row counts: not written, and said so."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from data.db import transaction
from data.errors import BadInput
from data.tables import Event, Upload
from services.uploads import intake, listing
from services.uploads.records import Choices
from services.uploads.undo import undo
from tests.services.uploads.world import (
    NOW,
    SYSTEM,
    attendance,
    bring_in,
    line,
    load_customers,
    state,
    write_csv,
)

MARIA = "maria.lopez@dataflow.io"


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def events(engine: Engine) -> list[str]:
    with transaction(engine, read_only=True) as session:
        return sorted(session.scalars(select(Event.name)))


def scores(engine: Engine) -> list[tuple[int, int]]:
    with transaction(engine, read_only=True) as session:
        found = session.execute(text("SELECT customer_id, score FROM customer_score ORDER BY 1"))
        return [(number, score) for number, score in found]


def mixed(folder: Path) -> Path:
    """One event that counts, one with a rejected row only, one with a test address only."""
    lines = [
        line(MARIA, "Counts"),
        line("", "Rejected"),
        line("x@y.test", "Own", Date="2026-10-20 15:00:00"),
    ]
    return write_csv(folder / "mixed.csv", lines)


def test_events_without_a_row_that_counts_are_not_written(world: Engine, tmp_path: Path):
    bring_in(world, write_csv(tmp_path / "former.csv", [line(MARIA, "Former")]))
    before, former = state(world), scores(world)
    shown = bring_in(world, mixed(tmp_path), commit=False)
    assert (shown["events"], [e["name"] for e in shown["event_list"]]) == (1, ["Counts"])
    assert shown["warnings"] == [
        "2 events are left out, as no row there counts: “Rejected”, “Own”. The rows say why."
    ]
    intake.commit(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert events(world) == ["Counts", "Former"]
    assert scores(world)[0][1] >= former[0][1]
    undo(shown["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert state(world)["event"] == before["event"]
    assert (state(world)["attendance"], scores(world)) == (before["attendance"], former)


def test_corrected_file_brings_the_event_that_was_left_out(world: Engine, tmp_path: Path):
    bring_in(world, mixed(tmp_path))
    done = bring_in(world, write_csv(tmp_path / "corrected.csv", [line(MARIA, "Rejected")]))
    assert (done["warnings"], events(world)) == ([], ["Counts", "Rejected"])
    assert list(attendance(world)["event"]) == ["Counts", "Rejected"]


def test_nothing_that_counts_is_refused_and_can_be_mended(world: Engine, tmp_path: Path):
    bring_in(world, write_csv(tmp_path / "former.csv", [line(MARIA, "Former")]))
    before = state(world)
    path = write_csv(tmp_path / "odd.csv", [line(MARIA, "Odd", Status="Dialled in", Duration="")])
    with pytest.raises(BadInput, match="Nothing in this file counts"):
        bring_in(world, path)
    assert state(world) == before
    with transaction(world, read_only=True) as session:
        kept = session.scalars(select(Upload).where(Upload.state == "previewed")).one()
        mend = listing.download(session, SYSTEM, kept.id, ("rejected",))
        assert (mend.height, kept.summary["event_list"]) == (1, [])
    with pytest.raises(BadInput, match="Nothing in this file counts"):
        intake.commit(kept.id, by=SYSTEM, now=NOW, engine=world)
    # The same bytes are no repeat, since they never counted.
    done = bring_in(world, path, choices=Choices(statuses={"Dialled in": "attended"}))
    assert (done["repeat"], done["matched"], events(world)) == (False, 1, ["Former", "Odd"])


def test_event_on_record_stays_as_it_is_where_no_row_counts(world: Engine, tmp_path: Path):
    bring_in(world, write_csv(tmp_path / "a.csv", [line(MARIA, "Known", Questions="")]))
    before = state(world)["event"]
    lines = [line(MARIA, "Other"), line("x@y.test", "Known", **{"Event Type": "Workshop"})]
    done = bring_in(world, write_csv(tmp_path / "b.csv", lines))
    assert (done["events"], done["changes"]["new"]) == (1, 1)
    assert [row for row in state(world)["event"] if "Known" in row] == before


def test_undated_event_without_a_row_that_counts_holds_nothing_up(world: Engine, tmp_path: Path):
    registered = {"Status": "Registered", "Duration": ""}
    lines = [line(MARIA, "Dated", **registered), line("x@y.test", "Undated", Date="", **registered)]
    bring_in(world, write_csv(tmp_path / "a.csv", lines))
    assert events(world) == ["Dated"]


def test_attendance_at_an_event_still_to_come_is_said_before_it_counts(
    world: Engine, tmp_path: Path
):
    days = {"Today": "2026-11-22 01:00:00", "Soon": "2027-05-05 15:00:00"}
    lines = [line(MARIA, event, Date=day) for event, day in days.items()]
    lines.append(
        line(MARIA, "Planned", Date="2027-05-06 15:00:00", Status="Registered", Duration="")
    )
    shown = bring_in(world, write_csv(tmp_path / "early.csv", lines), commit=False)
    assert shown["warnings"] == [
        "Still to come, though people of this file count as attended: “Soon” (2027-05-05, 1 person). If the day is "
        "wrong, correct it; if they are only registered, the column for Status must say so."
    ]
