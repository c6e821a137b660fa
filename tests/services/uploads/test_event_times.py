"""When an event was and for how long does not hang on which report came first, and undo leaves what others say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import Event
from services.access.viewer import SYSTEM
from services.uploads.event_times import better_times
from services.uploads.records import Choices
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
REPORTS = {
    "registration": "zoom_registration.csv",
    "attendance": "zoom_webinar_attendee_2025.csv",
    "qa": "zoom_qa.csv",
}
PLANNED = (datetime(2026, 9, 17, 11, 0, tzinfo=UTC), 60.0)
MET = (datetime(2026, 9, 17, 10, 58, tzinfo=UTC), 66.0)
ORDERS = list(permutations(REPORTS))


@pytest.fixture
def world(engine: Engine) -> Engine:
    load_customers(engine)
    return engine


def _import(engine: Engine, report: str, **chosen: Any) -> int:
    done = bring_in(engine, SAMPLES / REPORTS[report], choices=Choices(**chosen))
    return int(done["upload_id"])


def _event(engine: Engine) -> Event:
    with transaction(engine, read_only=True) as session:
        return session.scalars(select(Event)).one()


def _told(engine: Engine) -> tuple[datetime, float | None]:
    event = _event(engine)
    return event.starts_at, event.duration_minutes


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_when_people_met_counts_more_than_the_plan_whichever_came_first(
    world: Engine, order: tuple[str, ...]
):
    done = {report: _import(world, report) for report in order}
    assert _told(world) == MET
    assert _event(world).held_on == date(2026, 9, 17)
    left = set(order)
    for report in order[:-1]:
        undo(done[report], by=SYSTEM, now=NOW, engine=world)
        left -= {report}
        assert _told(world) == (PLANNED if left == {"registration"} else MET)
    undo(done[order[-1]], by=SYSTEM, now=NOW, engine=world)
    with transaction(world, read_only=True) as session:
        assert session.scalars(select(Event)).all() == []


def test_event_is_its_other_reports_once_the_one_that_brought_it_is_taken_back(
    world: Engine, tmp_path: Path
):
    """Its spelling, type and topic were that file's alone."""
    rows = [line("tom.reed@dataflow.io", "ANALYTICS Webinar", **{"Event Type": "Training"})]
    first = bring_in(world, write_csv(tmp_path / "a.csv", rows))
    second = bring_in(world, write_csv(tmp_path / "b.csv", [line("maria.lopez@dataflow.io")]))
    assert (_event(world).name, _event(world).type) == ("ANALYTICS Webinar", "training")
    undo(first["upload_id"], by=SYSTEM, now=NOW, engine=world)
    event = _event(world)
    assert (event.name, event.type) == ("Analytics Webinar", "webinar")
    assert event.created_by_upload_id == second["upload_id"]


def test_what_a_person_has_changed_since_outlives_the_file_that_brought_the_event(
    world: Engine, tmp_path: Path
):
    rows = [line("tom.reed@dataflow.io", "ANALYTICS Webinar")]
    first = bring_in(world, write_csv(tmp_path / "a.csv", rows))
    bring_in(world, write_csv(tmp_path / "b.csv", [line("maria.lopez@dataflow.io")]))
    with transaction(world) as session:
        session.scalars(select(Event)).one().topic = "Alerts"
    undo(first["upload_id"], by=SYSTEM, now=NOW, engine=world)
    assert (_event(world).name, _event(world).topic) == ("Analytics Webinar", "Alerts")


@pytest.mark.parametrize("hour_first", [False, True])
def test_an_hour_counts_more_than_a_mere_day(world: Engine, tmp_path: Path, hour_first: bool):
    day = write_csv(tmp_path / "day.csv", [line("tom.reed@dataflow.io", Date="2026-10-05")])
    hour = write_csv(tmp_path / "hour.csv", [line("maria.lopez@dataflow.io")])
    for path in (hour, day) if hour_first else (day, hour):
        bring_in(world, path)
    assert _event(world).starts_at == datetime(2026, 10, 5, 15, tzinfo=UTC)


def test_zone_that_a_person_set_stays_whatever_report_follows(world: Engine):
    _import(world, "registration", events={"0": {"zone": "America/New_York"}})
    _import(world, "attendance")
    assert _event(world).starts_at == datetime(2026, 9, 17, 15, 0, tzinfo=UTC)
    assert _event(world).time_zone == "America/New_York"


def test_times_of_what_was_planned_here_or_by_former_versions_stay():
    event = Event(id=7, source="zoom", starts_at=PLANNED[0], duration_minutes=60.0, start_rank=2)
    event.length_rank, event.created_by_upload_id = 2, 1
    row = {"source": "zoom", "starts_at": MET[0].replace(tzinfo=None), "zone": "UTC"}
    row |= {"duration_minutes": 66.0, "start_rank": 6, "length_rank": 6}
    better = better_times(event, row, planned=False)
    assert (better["starts_at"], better["duration_minutes"]) == MET
    assert better_times(event, row, planned=True) == {}
    event.start_rank = event.length_rank = None
    assert better_times(event, row, planned=False) == {}
